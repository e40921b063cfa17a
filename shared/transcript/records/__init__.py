"""The files of transcripts: their models, what is read and exported."""
