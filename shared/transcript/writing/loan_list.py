#!/usr/bin/env python3
"""
Loan list: what the sounds of a word in Devanagari do not tell of where it is from.

Chosen by hand from the most frequent Hindi words that sound like an English one.

Usage:
    from shared.transcript.writing.loan_list import LOANS

    "फिल्म" in LOANS      # True: nothing in its spelling says that it is English
    LOANS["लेट"]          # 'late': which of the words that sound so it is
"""

from __future__ import annotations

# English words that Hindi writes with signs of its own: word, or word=english where another English
# word that is spelt so is more frequent. Without nukta.
_LOANS = """
फिल्म मीडिया कंपनी कम्पनी बैंक वीडियो विडियो मिनट रेलवे नंबर नम्बर क्रिकेट चैनल डिग्री फोन टीम
मैच टिकट=ticket टैक्स=tax होटल बटन=button सुपर मेडिकल डिजिटल यूनिवर्सिटी सिनेमा पब्लिक पेपर प्लान
प्रोफेसर रेडियो कैमरा मैडम=madam कवर कैंसर=cancer पुलिस=police मोबाइल स्कूल=school बिल रोड=road
गैस=gas वोट=vote फोटो=photo कार=car लाइन=line सीट=seat केस=case रन=run ग्रुप प्रेस=press नेटवर्क
लिंक लिमिटेड मैसेज पार्टी=party टाइम=time साइट=site साइड=side लाइव=live लाइट=light फाइल=file
गेम=game मेल=mail पेज=page सेट=set क्लास=class क्लब=club रूम=room रोल=role लोन=loan लेट=late
प्लेट=plate गेट=gate रेट=rate डेट=date ब्रेक=brake ब्रांड पायलट टीचर=teacher सीजन=season
सर्विस=service सर्च=search रिसर्च=research नोटिस=notice सेकंड=second मेजर=major ग्रीन=green
डबल=double वायरस=virus मोटर=motor मेडल=medal कोर्स=course डांस=dance साइंस=science अपडेट=update
गवर्नर=governor मार्केट=market यूनिट=unit गैंग=gang ग्रेट=great डिलीट=delete सिंगल=single
टेबल=table टेनिस=tennis लोकल=local एपिसोड=episode डिलीवरी=delivery ब्रिज=bridge राउंड=round
कैलेंडर=calendar चैलेंज=challenge प्लेन=plane फीचर=feature बैंड=band रैंक=rank एक्सचेंज=exchange
कमांडर=commander केबल=cable कैंप=camp कैम्प=camp फोर्स=force हेल्थ=health टेलीविजन=television
पैकेज=package सीनियर=senior जूनियर=junior सोसायटी=society टैंक=tank पिक्चर=picture प्रिंट=print
फोकस=focus रोमांटिक=romantic क्वालिटी=quality गर्ल=girl बेसिक=basic डायरी=diary पंप=pump
इनकम=income चिकन=chicken पर्सनल=personal पैनल=panel बेंच=bench बैनर=banner सर्वर=server
किडनी=kidney मैनेजर=manager प्लांट=plant प्लेयर=player सैलरी=salary टैक्सी=taxi रोबोट=robot
सिग्नल=signal सीरियल=serial गिटार=guitar जोकर=joker बाथरूम=bathroom बोनस=bonus लीडर=leader
सर्किट=circuit चेंज=change फैमिली=family बियर=beer बुलेट=bullet रिमोट=remote सरेंडर=surrender
गैलरी=gallery पैकेट=packet काउंटर=counter टावर=tower सोर्स=source कंटेंट=content टैलेंट=talent
लेटर=letter इमरजेंसी=emergency बल्ब=bulb ब्रांच=branch क्रीम=cream डिनर=dinner
प्रिंसिपल=principal एजेंडा=agenda एजेंट=agent एजेंसी=agency टेलीफोन=telephone रोमांस=romance
स्विच=switch पिंक=pink पेंट=paint पैंट=pant मास्क=mask मेकअप=makeup रिटायर=retire हैंडल=handle
नर्स=nurse लेबर=labour बर्थडे=birthday किचन=kitchen करंट=current एनर्जी=energy जैकेट=jacket
डांसर=dancer मेडिसिन=medicine मेमोरी=memory लंच=lunch हेलमेट=helmet बैकअप=backup हेल्प=help
साउंड=sound डीजल=diesel फोटोग्राफर=photographer फोटोग्राफी=photography सीक्रेट=secret फादर=father
मदर=mother कैंसिल=cancel डिमांड=demand कमांड=command अकाउंट=account प्रोफेशनल=professional
फेमस=famous डीलर=dealer विजिट=visit हेयर=hair फिक्स=fix पर्स=purse पिज्जा=pizza सैंडविच=sandwich
फिटनेस=fitness सेक्रेटरी=secretary स्वीट=sweet चांस=chance एंबुलेंस=ambulance एम्बुलेंस=ambulance
पिकनिक=picnic मशीन=machine बेडरूम=bedroom फर्नीचर=furniture टोटल=total चिप्स=chips टैबलेट=tablet
मैसेंजर=messenger विलेन=villain अरेंज=arrange वारंट=warrant बर्गर=burger लिमिट=limit सर्कल=circle
सेमिनार=seminar एक्सीडेंट=accident एडवांस=advance ब्रदर=brother विंडो=window सीरियस=serious
ग्राउंड=ground टेंडर=tender चार्जर=charger वेलकम=welcome मैगजीन=magazine डेटा=data डाटा=data
लैपटॉप=laptop जज=judge हीरो=hero हीरोइन=heroine सीन=scene फैन=fan फैंस=fans वेट=weight जेल=jail
चेक=check कोच=coach ट्रेन=train बॉस=boss सर=sir मिस=miss मैम=maam डैड=dad मॉम=mom बेबी=baby
सेक्सी=sexy हैप्पी=happy हैलो=hello हेलो=hello बाय=bye सॉरी=sorry प्लीज=please ओके=ok बाइक=bike
जीप=jeep वैन=van कैंटीन=canteen कंपाउंड=compound वाइफ=wife लाइफ=life टाई=tie सूट=suit कैप=cap
बैग=bag बोर=bore फ्री=free टॉप=top हाई=high रेडी=ready आइडिया=idea नेक्स्ट=next फेल=fail सेल=sale
रेल=rail मूड=mood फूल्स=fools कूल=cool गेस=guess वाइन=wine रम=rum सूप=soup जूस=juice केक=cake
आइसक्रीम=icecream बिस्किट=biscuit चॉकलेट=chocolate मटन=mutton फीस=fees मैथ=math पेन=pen बुक=book
नोट=note कैश=cash एटीएम=atm टीवी=tv सीडी=cd सीसीटीवी=cctv एसी=ac वीआईपी=vip लैब=lab रिकवर=recover
पेमेंट=payment कंप्लीट=complete कम्प्लीट=complete सिंपल=simple नर्वस=nervous डेंजर=danger
डेंजरस=dangerous लकी=lucky क्रेजी=crazy बिजी=busy ईजी=easy हैवी=heavy सेफ=safe लव=love
मैरिज=marriage डिवोर्स=divorce हनीमून=honeymoon रिंग=ring किंग=king विंग=wing गिफ्ट=gift
मर्डर=murder पिस्टल=pistol गैंगस्टर=gangster किलर=killer किडनैप=kidnap हाउस=house बिजनेस=business
फाइनल=final इंटरनेट=internet सेंटर=center नेशनल=national यूनियन=union सिविल=civil जनरल=general
प्राइवेट=private एयर=air न्यूज=news कोड=code सिस्टर=sister वेटर=waiter ड्यूटी=duty डीएसपी=dsp
एसपी=sp एफआईआर=fir आईपीएस=ips डीएनए=dna एमबीए=mba सीईओ=ceo ओटीपी=otp पासपोर्ट=passport क्यूट=cute
पेट्रोल=petrol रिकार्ड=record रिकार्डिंग=recording स्टाइल=style स्टील=steel शर्ट=shirt मॉल=mall
राइट=right ब्लाक=block पेस्ट=paste ब्लड=blood रॉ=raw माइक=mic साइन=sign पॉलिसी=policy
मिस्टर=mister स्टेटस=status डिवाइस=device क्लर्क=clerk हाइवे=highway वाइस=vice वॉयस=voice
वॉइस=voice ड्रोन=drone व्यू=view एक्टर्स=actors कॉलम=column ड्रम=drum टेस्टी=tasty सॉस=sauce
एडिशन=edition ऑडिशन=audition फाइट=fight स्कर्ट=skirt चैटिंग=chatting फ्लाइंग=flying बाइट=byte
फोर्ट=fort शील्ड=shield स्टंप=stump ऑलिव=olive फ्यूल=fuel वाइट=white नट्स=nuts राइड=ride
स्टाल=stall टाइल=tile टाइल्स=tiles स्लम=slum स्टार्च=starch पॉली=poly डॉल=doll इमेजिंग=imaging
क्लोन=clone लॉज=lodge ब्लाउज=blouse माइनस=minus साइनस=sinus बैटिंग=batting बेकिंग=baking
एड्स=aids ड्यूल=dual टैस्ट=test कम्पोस्ट=compost चैकिंग=checking मॉड=mod ट्रे=tray स्टेंट=stent
फाइल्स=files
"""

# Names, which Latin letters would want a capital for, and Hindi words spelt as English ones are:
# they stay. Without nukta.
_OTHERS = """
अमेरिका ऑस्ट्रेलिया आस्ट्रेलिया ऑस्ट्रिया स्विट्जरलैंड स्कॉटलैंड नॉर्वे न्यूजीलैंड नाइजीरिया
क्यूबा इजराइल इसराइल इस्राइल थाइलैंड वाशिंगटन वॉशिंगटन बीजिंग मॉस्को मैड्रिड मैनचेस्टर लॉस यॉर्क
न्यूयॉर्क बॉम्बे जॉर्डन ऑक्सफोर्ड हार्वर्ड हॉलीवुड बॉलीवुड फ्लोरिडा विक्टोरिया हांगकांग जॉन जॉनी
जॉनसन जॉर्ज जॉली रॉय रॉबर्ट रोबर्ट डोनाल्ड डॉनल्ड ट्रम्प ट्रंप मार्टिन स्टीव स्टीफन स्टुअर्ट
स्टालिन पॉल बॉब बॉबी टॉम थॉमस रिचर्ड जस्टिन क्लार्क क्लाइव हावर्ड हेराल्ड फ्रांसिस फ्रांसिस्को
वैलेंटाइन वेलेंटाइन अल्बर्ट आइंस्टीन रोनाल्डो न्यूटन बेट्टी टेरेसा पीटर डॉन शॉ फोर्ड होंडा नोकिया
ट्विटर ट्वीटर इंस्टाग्राम यूट्यूब फेसबुक गूगल माइक्रोसॉफ्ट व्हाट्सएप व्हाट्सऐप वॉट्सएप स्काइप
एंड्रॉयड एंड्रॉइड ऑस्कर साइना कलिंग लॉर्ड्स स्टोक्स फोर्टिस माइकल क्लिंटन एड्रियन वॉटसन वाल्टर
एंड्रयू हॉवर्ड रॉब रॉबिन वॉर्नर ग्लेन ट्रेंट मॉर्गन साइमन एडवर्ड विक्टर स्कॉट क्रिस्टोफर लॉरा
टॉमी डॉली स्टार्क शॉन फ्लोरेंस राबर्ट स्टेन स्टीवन ब्लेक ब्लेयर फ्रैंक पॉटर ब्रॉड कोस्टा साइप्रस
नीदरलैंड्स ट्यूनीशिया माल्टा स्पेन जॉर्जिया फ्रांस अक्टूबर बाइबल फ्राइडे सन्डे चाइना इन्डिया
इन्डियन ऑस्ट्रेलियन स्पेनिश फ्रेंच चाइनीज ईस्टर बोस्टन ऑडी ब्लैकबेरी कनॉट लाइनें फाइलें ड्रामे
बाइस जहॉ प्रशन स्पर्श डॉ डाॅ ऍम ऍफ मॉ शॉल रौशन रोशन राशन दर्शन प्रदर्शन नाट्य गान्ड लन्ड हॉ रॉड
क्लेश क्लांत ग्लानि ट् गॉव चट्टान पट्टी पटरी टट्टू अंट्टी खट्टी
"""


def _table(text: str) -> dict[str, str]:
    return {word: english for word, _, english in (one.partition("=") for one in text.split())}


LOANS = _table(_LOANS)
NOT_ENGLISH = frozenset(_table(_OTHERS))
