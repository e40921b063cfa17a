"""The steps behind tools/make_speech_fixtures.py: voices that speak, a model that judges."""
