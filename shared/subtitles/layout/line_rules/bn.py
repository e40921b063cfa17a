"""Bengali: which words a line break may not part."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    articles=words("আমার তোমার তার আমাদের তোমাদের তাদের আপনার প্রতিটি প্রত্যেক"),
    modifiers=words("এই সেই ওই এক একটা একটি দুই কিছু সব খুব বড় ছোট ভালো"),
    conjunctions=words("এবং ও আর কিন্তু বা অথবা কারণ যে"),
    connectives=words("যখন যদি যেখানে"),
    titles=words("শ্রী শ্রীমতী ডাক্তার ডা"),
    postpositions=words("জন্য সাথে সঙ্গে থেকে দিয়ে মধ্যে কাছে উপর নিচে মতো পর্যন্ত ছাড়া"),
    final_auxiliaries=words("আছে আছেন আছি ছিল ছিলেন ছিলাম হবে হয়েছে নেই নয়"),
    closers=words("আছে ছিল হবে নেই"),
    clitics=words("না নি তো কি ই"),
)
