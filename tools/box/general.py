"""What can be said about anything, beside the plans of plans.py and toned.py: lines, tips, frames for what stories.py knows, and pools of words.

Notation: [a|b] is a choice. {S} is the subject, {it} {them} {its} {is} {was} {has} {does} and {v:verb} agree with it;
{person}, {n}, {span}, {place} and {time} are drawn once a post, so that a later sentence speaks of the same; the rest are pools.
Sentences may start in lower case.
"""

POOLS = {
    "person": "[my [older |younger |||][sister|brother]|my [favourite |||][cousin|aunt|uncle]|my [neighbour|colleague|roommate|landlord|best friend|boss|barber|grandfather|grandmother|mother|father|daughter|son|nephew|niece|mail carrier|running partner|old teacher]|a friend|a [quiet|wise|funny|good|young] [colleague|friend|neighbour]|the librarian]",
    "n": "[three|four|five|six|seven|ten|twelve]",
    "span": "[two|three|four|five|six|seven] [weeks|months|years]",
    "place": "[the library|the bus stop|the kitchen table|work|the office|school|the market|a birthday party|the corner café|a family dinner|the train station|the bakery]",
    "time": "[last [week|month|spring|summer|autumn|winter|year]|a [week|month|year] ago|[two|three|five|ten] [weeks|months|years] ago]",
    "day": "[Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday]",
    "wow": "[Wow|Oh|Friends|Listen|Big news|Stop everything|Hooray]",
}

TIP_OPEN = [
    "{n3} [tips|small tips|things I wish I had known|simple rules] [for {S}|about {S}|for everyone who is new to {S}]:",
    "[what {span} with {S} taught me|what I learned about {S} in {span}|a short list for anyone interested in {S}]:",
    "[getting started with {S}|{S} for beginners|{S}, the short version|my advice on {S}]:",
]
TIPS = [
    "Start small, and start today.", "Ask simple questions, because nobody minds.", "Take notes, even bad ones.", "Do not believe everything you hear about {S}.",
    "Find somebody who knows {S} well, and listen.", "Be patient with yourself.", "Take breaks before you need them.", "Share what you learn.",
    "Make mistakes early, while they are cheap.", "Read one good article instead of ten bad ones.", "Keep it simple.", "Do not compare yourself with experts.",
    "Explain {S} to a friend, and you will see what is missing.", "Enjoy the first week, it never comes back.", "Stay curious.", "Laugh about it when it goes wrong.",
    "Look twice before you judge {S}.", "Give it time.", "Listen more than you talk.", "Write down one new thing about {S} every day.",
]
TIP_CLOSE = ["what would you add?", "that is the whole list.", "the rest comes with time.", "good luck, and have fun with {S}!", "and most of all: enjoy it.", "save this for later."]

# One-line posts.
LINES = {
    "neutral": [
        "a day that begins with {S} is a good day.", "if you have not thought about {S} today, now is a good moment.", "small reminder: {S} {v:deserve} a little of your time.",
        "I could talk about {S} all day, but I will stop here.", "ask three people about {S} and you will get four answers.", "I came for {S}, and I stayed for the conversation.",
        "the best thing I read today was about {S}.", "some people collect stamps, I collect stories about {S}.", "my mood today: {S}.",
        "there are two kinds of people: those who like {S}, and those who have not tried yet.", "{S}: simple to mention, hard to forget.",
    ],
    "funny": [
        "I would explain {S}, but I left my drawings at home.", "my therapist says we need to talk about something other than {S}.", "I am not saying that I am obsessed with {S}, but my phone now suggests the word.",
        "{S}: because sleep is for people with other interests.", "life is short, but my stories about {S} are not.", "step one: {S}. Step two: panic. Step three: snacks.",
    ],
    "enthusiastic": [
        "{S} just made my whole day!", "I love {S}, and I do not care who knows it!", "three cheers for {S}!", "good morning to everyone, and especially to fans of {S}!", "is there anything better than {S}? I do not think so!",
    ],
    "thoughtful": [
        "{S} {v:show} how much there is in small things, if we stop to look.", "what we say about {S} often says more about us.", "perhaps we notice {S} only when we finally slow down.", "not everything about {S} can be explained, and that is a comfort.",
    ],
    "professional": [
        "a good strategy for {S} starts with listening.", "clear goals, honest feedback and patience: that is how we approach {S}.", "proud of everyone who helped us make progress on {S} this year.", "understanding {S} is an investment that pays off.",
    ],
    "grumpy": [
        "nobody asked for {S}, and yet here we are.", "one more word about {S} and I am leaving.", "I was in a good mood until somebody mentioned {S}.", "{S}? Not before my coffee.",
    ],
    "poetic": [
        "{S}, and a little light left in the window.", "the evening came softly, and it spoke of {S}.", "like rain on an old roof: {S}, and then silence.", "I kept one thing from the day: {S}.",
    ],
    "nostalgic": [
        "{S}, and suddenly I am ten years old again.", "nobody talks about {S} the way my grandmother did.", "I miss the days when {S} {was} all we had to worry about.", "old friends, cold lemonade and {S}: that was summer.",
    ],
    "inspiring": [
        "take ten minutes for {S} today, and thank yourself in a year.", "every expert on {S} was once a beginner.", "let {S} remind you that small steps count.", "be brave, be patient, and let {S} surprise you.",
    ],
    "curious": [
        "what is the one thing you would ask about {S}?", "why do we know so little about {S}?", "who can explain {S} in one sentence?", "what would the world be like without {S}?",
    ],
}

# For posts about a known kind of subject, around the sentences of stories.py.
LIKE = [
    "why I like {S}:", "people ask me what I see in {S}.", "let me tell you about {S}.", "after {span}, here is what I think of {S}.", "I keep coming back to {S}.", "some thoughts on {S}.", "I am a fan of {S}.",
    "let us talk about {S} for a minute.", "what do I like about {S}?", "there are good reasons to like {S}.", "a word in praise of {S}.", "I promised to say what I like about {S}.", "I had no idea how much I would like {S}.",
]

LIKED = ["all in all, I would not want to miss {S}.", "so yes, I recommend {S}.", "that is why I like {S}.", "I am glad that I gave {S} a chance.", "would I recommend {S}? Any time.", "and that is enough for me.", "what do you think about {S}?",
         "that is all I wanted to say about {S}.", "my verdict on {S}: yes.", "now you know why I talk about {S} so much."]
BUT = ["of course, there is one thing:", "one small warning:", "to be fair:", "the downside?", "only one thing to know:", "the only problem?", "on the other hand:", "the catch:"]
AGAINST = ["I have tried to like {S}.", "everybody praises {S}, so let me be the one who complains.", "my complaint of the day: {S}.", "let us be honest about {S}.", "nobody tells you the truth about {S}."]
AGAINST_END = ["and still I will do it all again.", "thank you for listening to my complaints about {S}.", "there, now I feel better.", "do not say that I did not warn you about {S}.", "other than that, {S} {is} fine, I suppose."]

# Of anything: reasons to like it, and caveats, where nothing particular is known.
WHY = [
    "there is always one more thing to find out.", "nobody is too old or too young for {them}.", "{it} {v:give} strangers something to talk about.", "{it} {v:make} an ordinary day a little better.",
    "the closer I look, the more I like {them}.", "people who care about {them} are good company.", "{it} never {v:fail} to make me curious.", "I have learned more from {them} than I expected.",
    "{it} {v:remind} me to slow down.", "most conversations about {them} end with a smile.", "{it} {is} easy to overlook and hard to forget.", "my head is clearer after ten minutes of thinking about {them}.",
    "{it} {has} more sides than most people think.", "I never run out of questions.", "{it} {v:bring} back good memories.", "it costs nothing to be interested.",
]
FAULTS = [
    "{it} {is} not for everyone.", "it takes a little patience.", "my friends have heard enough about {them}.", "not everybody will understand.", "at first it can be confusing.", "I talk about {them} too much.", "a few people will laugh at you.",
]

# Words that may stand for each other wherever these plans and the stories use them, and contractions, taken by a whole post or not at all.
SWAPS = [
    (r"everyone", "everybody"), (r"everybody", "everyone"), (r"somebody", "someone"), (r"nobody", "no one"), (r"anybody", "anyone"), (r"perhaps", "maybe"), (r"wonderful", "lovely"), (r"terrible", "awful"),
    (r"begin with", "start with"), (r"started", "began"), (r"to talk about", "to speak about"), (r"truly", "really"), (r"really", "truly"), (r"of course", "naturally"), (r"in the end", "finally"), (r"suddenly", "all of a sudden"),
    (r"at first(?! glance| sight)", "in the beginning"), (r"every (?=day|evening|week|morning)", "each "), (r"the whole", "the entire"), (r"a little (?=patience|time|attention|peace|knowledge|honesty)", "some "),
    (r"simply", "just"), (r"difficult", "hard"), (r"I like (?!that\b)", "I enjoy "), (r"on the way home", "on my way home"), (r"a friend\b", "a good friend"), (r"a stranger", "a complete stranger"),
    (r"pleased", "glad"), (r"any more", "any longer"), (r"right now", "at the moment"), (r"hard to", "difficult to"), (r"plain words", "simple words"), (r"silence", "quiet"), (r"strange", "odd"),
    (r"several", "a few"), (r"quickly", "fast"), (r"a long walk", "a slow walk"), (r"notebook", "notepad"), (r"article", "text"), (r"afternoon", "morning"), (r"carefully", "closely"), (r"is enough", "will do"), (r"happy to", "glad to"),
]
CONTRACTIONS = [
    ("cannot", "can't"), ("do not", "don't"), ("does not", "doesn't"), ("did not", "didn't"), ("will not", "won't"), ("would not", "wouldn't"), ("could not", "couldn't"), ("is not", "isn't"), ("are not", "aren't"), ("was not", "wasn't"),
    ("were not", "weren't"), ("have not", "haven't"), ("has not", "hasn't"), ("I am", "I'm"), ("I will", "I'll"), ("I would", "I'd"), ("it is", "it's"), ("It is", "It's"), ("that is", "that's"), ("That is", "That's"), ("there is", "there's"),
    ("There is", "There's"), ("here is", "here's"), ("Here is", "Here's"), ("you are", "you're"), ("You are", "You're"), ("we are", "we're"), ("We are", "We're"), ("they are", "they're"), ("They are", "They're"), ("Let us", "Let's"), ("let us", "let's"),
    ("what is", "what's"), ("What is", "What's"), ("you will", "you'll"), ("You will", "You'll"), ("we will", "we'll"), ("We will", "We'll"),
]
