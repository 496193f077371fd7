"""How people ask for a post, and the few things they say that ask for none.

[a|b] is a choice. {S} is the subject, {tone} and {len} are adjectives or nothing, {post} is a word for it, {kind} what the subject is.
{someone} and {when} are pools of this file. evaluate.py asks in ways that none of these should resemble.
"""

# How people ask. {tone} and {len} are adjectives or nothing; {post} a word for it; S the subject.
ASK = [
    "[write|write me|draft|compose|create|make|make me|give me|do|prepare|come up with|generate|type up|produce|craft] [a|a|one|] {len}{tone}{post} [about|about|about|on|on the topic of|regarding|that talks about|about the subject of|concerning] {S}{suffix}",
    "[can|could|would|will] you [please|] [write|draft|compose|create|make|give me|come up with|help me write|put together|do] a {len}{tone}{post} [about|about|on] {S}{suffix}?",
    "[please|pls|hey, please|hi! please|hello, can you] [write|draft|compose|make] [me |]a {len}{tone}{post} [about|on] {S}{suffix}",
    "[I need|I want|I would like|I'd like|looking for|we need|I have to write|need] a {len}{tone}{post} [about|on|for my page about|for our blog about] {S}{suffix}",
    "{len}{tone}{post} [about|on|:] {S}{suffix}",
    "{S} - {len}{tone}{post} please",
    "{S}, {len}{tone}{post}{suffix}",
    "[post|tweet|write|say something|talk|tell me something|something|a few words|your thoughts|some words|share something] [about|on] {S}{suffix}",
    "[tell me|tell us|talk to me|say a few words|write something|write a few lines|write] about {S}{suffix}",
    "[what would you post|what can you say|what do you think|what would a {tone}{post} say|how would you write] about {S}?",
    "[my topic is|topic:|subject:|today's topic:|the subject is] {S}. [write|please write|make|give me] a {len}{tone}{post}{suffix}",
    "[I love|I hate|I just discovered|I am learning about|my friend likes|my followers love] {S}[.|,| and] [write a|can you write a|I need a|please make a] {len}{tone}{post} about [it|that]{suffix}",
    "[write|make|draft|post] something {tone2} about {S}{suffix}",
    "{S}",
    "[write|say] something {tone2} about {S}",
    "[help me|I want to] [post|tweet|write|share something] about {S}{suffix}",
]

# The subject stands somewhere among other words, and nothing says how the post is to be.
LOOSE = [
    "[my|our] [page|blog|channel|newsletter|account|profile|website|magazine] is [all |]about {S}[.|,] [what shall|what should|what could|can you say what] [I|we] [write|post|say] [today|this week|now|next|]?",
    "[I write|I blog|we write|we talk] about {S} [every day|every week|a lot|now and then][, but today I have no idea|, and I need help|. Help me out|. Write the next one|. What now?]",
    "[today|this week|this month] [we celebrate|we think of|is all about|I am thinking about|everybody talks about] {S}[.|,] [write it up|please post something|so give me some words|say something nice|write a few lines]",
    "{someone} [loves|likes|hates|knows everything about|never stops talking about|is learning about|collects facts about] {S}[.|,| and|, so] [write|please write|make] [something|a post|a few lines|a text] for [her|him|them]",
    "[pretend|suppose|say] you [are a fan of|know all about|care about|discovered|woke up thinking of] {S}[.|,] [what would you|and tell us what you would] [write|post|say|share]",
    "[if you had to|if you could] [write|post|say] [one thing|something|anything] about {S}, what would it be?",
    "what [comes to mind|do you think of] when [you hear|someone mentions|people say] {S}?",
    "[keyword|prompt|title|word of the day|request|idea|next subject|assignment|hashtag][: | = | is | - ]{S}",
    "{S} is [what I want to read about|the topic|the subject today|my topic|what I need a text on|on my mind]",
    "{S}[: go!|, go!|... go|, now you|: your turn|, please!| please|?|!|...| :)]",
    "[let's|let us] [hear|talk|do a post|do something|see something|read something] about {S}",
    "[I feel like|I'm in the mood for|I am thinking of|I cannot stop thinking about|I dream of] {S}[.|,|:] [write|post|write something|go on|you write]",
    "[surprise me with|fill my feed with|give us|I promised my followers|I promised my readers|everyone wants to hear about|nobody writes about|the world needs more posts on] [something on |some words on |]{S}",
    "[my teacher|my boss|my editor|my sister|my class|a friend of mine|my team] [asked for|wants|needs|ordered] [a text|a post|a paragraph|something|a few lines] [on|about] {S}[, can you help?|, help!|. Please write it.|]",
    "[introduce|present|praise|describe|recommend] {S} to [my readers|my followers|the world|people who do not know it|everyone|my friends]",
    "[convince me|persuade me|show me|explain to me] that {S} {v:matter}",
    "[why should I care about|why do people care about|what is so special about|what's the story with|how do you feel about|what is your opinion on|what's your take on] {S}?",
    "[tell the world|tell my friends|tell my readers|speak to my followers|talk] about {S}[, please| for a moment| in your own words|]",
    "[put|turn] {S} into [words|a post|a few sentences|a text]",
    "[caption|words|text|a line] for [a photo|a picture|my photo|a painting] of {S}",
    "my [photo|picture|video|drawing] shows {S}[. Caption?|. Give me a caption.|, what do I write below?|. Words, please.]",
    "[make|let] {S} [sound interesting|sound fun|shine|look good] [in a post|in a few words|]",
    "[so,|ok,|well,|and|now,|right,] {S}[.|!|?|, then.]",
    "[a post|one post|a text], [please|quick|if you can][:|.|,] {S}",
    "[I am bored|it is Monday|it is late|I have a minute|my page is empty|I'm stuck|no ideas today][. |, |: ][how about|maybe|perhaps|try|what about] {S}?",
    "[for tomorrow|for the weekend|for my class|for the team|for our website|for Friday][: |, ]{S}[, please|]",
    "[more|something|a word|some thoughts|a story] [about|on] {S}[, please| please|, if you like|]",
    "[we need to talk about|do not forget|someone said|they asked me about|people ask me about|I saw|I read about] {S}[. Post about it| today, so write about it|. Write that down|, make a post of it]",
    "[is|was] {S} worth a post? [Then write it|If so, write one|Show me|Try]",
    "[can you|could you|will you] do {S}?",
]
OPEN = "[Hi|Hello|Hey|Hi there|Hello there|Good morning|Okay|So|Quick one|Quick question|Dear model|Hey you|New task|Another idea|I have ten minutes|I'm new here|Sorry to bother you|It's Friday][!|.|,|:| -] "
CLOSE = "[.|!|.|] [Thanks!|Thank you|thanks a lot|Surprise me.|Make me smile.|No rush.|Go.|It is for my club.|It is for my mother.|I will read it aloud.|Take your time.|You choose how.|I trust you.|I need it today.|As you like.|Cheers|xx|You know the rest.]"
SOMEONE = "[my|my|our] [sister|brother|mother|father|aunt|uncle|boss|neighbour|teacher|cousin|friend|daughter|son|team|best friend|grandmother|whole family]"
QUOTED = ['"{}"', '"{}"', "'{}'", "“{}”", "*{}*", "<{}>", "#{}", "[{}]"]

POST = "[post|post|post|post|post|social media post|tweet|status update|caption|message|note|text|blurb|paragraph|update|microblog post|Facebook post|Instagram caption|toot|piece]"
TONE_WORDS = {
    "funny": "[funny|witty|humorous|silly|hilarious|playful|comic|joking]",
    "enthusiastic": "[enthusiastic|excited|happy|cheerful|positive|upbeat|joyful|energetic|passionate]",
    "thoughtful": "[thoughtful|reflective|deep|serious|philosophical|wise|calm]",
    "professional": "[professional|LinkedIn|business|formal|corporate|official]",
    "grumpy": "[grumpy|angry|sarcastic|critical|negative|annoyed|ranting|grouchy]",
    "poetic": "[poetic|lyrical|dreamy|romantic|poem-like|beautiful]",
    "nostalgic": "[nostalgic|sentimental|wistful|old-fashioned]",
    "inspiring": "[inspiring|motivational|inspirational|encouraging|uplifting]",
    "curious": "[curious|inquisitive|questioning|wondering]",
    "neutral": "[simple|nice|good|friendly|casual|plain]",
}
LEN_WORDS = {
    "short": "[short|brief|quick|tiny|one-sentence|very short|little|concise|small]",
    "medium": "[medium|medium-length|normal]",
    "long": "[long|longer|detailed|lengthy|full|extended]",
}
LEN_SUFFIX = {
    "short": "[, keep it short|, in one sentence|, one line only|. Keep it short.|, short please|. Be brief.| in a few words]",
    "medium": "[, a few sentences|, not too long]",
    "long": "[, make it long|, with lots of detail|. Make it long.|, at least five sentences|, a long one please]",
}
TAG_SUFFIX = "[ with hashtags|, with hashtags|, and add hashtags|. Add hashtags.| and some hashtags|, hashtags please|. Use hashtags.]"
EMOJI_SUFFIX = "[ with emoji|, with emojis|, and use emoji|. Add emojis.|, emoji please| and a few emojis]"
KIND_HINT = "[, the {kind}|, a {kind}| (the {kind})| (a {kind})| ({kind})|, which is a {kind}]"

EMOJI = {
    "funny": "😂 🤣 😅 🙃", "enthusiastic": "🎉 🚀 ✨ 😍", "thoughtful": "🤔 🌱 💭", "professional": "💼 📈 🤝 💡", "grumpy": "😤 🙄 😒",
    "poetic": "🌙 ✨ 🍃", "nostalgic": "🕰 💛 📷", "inspiring": "💪 🌟 🔥", "curious": "🤔 👀 💡", "neutral": "🙂 👍 ✨ 👋",
}

SYSTEM = [
    ("[You are|Act as] [a helpful assistant|a friendly writer|a writing assistant|an assistant that writes posts|a social media writer|Bombus|an AI]{end}", {}),
    ("[Answer|Reply|Write] [briefly|in one sentence|shortly|with short posts|in few words]{end}", {"length": "short"}),
    ("[Write|Answer with|Always write] long[, detailed|] posts{end}", {"length": "long"}),
    ("[Always use|Use|Add|End every post with] hashtags{end}", {"tags": True}),
    ("[Always use|Use|Add] [emoji|emojis]{end}", {"emoji": True}),
    ("[You are|Be|Write like] [a|a very] {tone}[assistant|writer|person|poster]{end}", {"tone": True}),
    ("[Write in a|Use a|Always use a] {tone}[tone|style|voice]{end}", {"tone": True}),
]

CHAT = [
    ("[hello|hi|hey|good morning|good evening|hi there|hello there|hey bombus|hello!|yo]",
     "[Hello|Hi|Hey|Hi there|Good to see you]! [Give me|Tell me|Name] a [subject|topic] and I [will write|write] [you |]a [short |]post about it."),
    ("[who are you?|what are you?|what is your name?|who made you?|are you chatgpt?|are you a robot?|introduce yourself|which model are you?]",
     "I am [Bombus's|the] [tiny|small|very small] built-in model[ of Bombus|]. I [write|can write|only know how to write] short posts[ about almost anything| on many subjects|]: [just name a subject|give me a topic|try me with a topic]."),
    ("[what can you do?|help|how do I use you?|what do you know?|how does this work?|what should I ask?]",
     "I write short posts. [Name|Give me|Pick] a subject, and if you like a tone or a length: [funny, professional, poetic, short, long|grumpy, happy, thoughtful, with hashtags|short or long, with emoji or hashtags]."),
    ("[thanks|thank you|thanks a lot|great, thank you|nice one|good job|cool|perfect|well done|that was nice]",
     "[You are welcome|My pleasure|Glad you like it|Any time|Happy to help]! [Another subject?|Shall I write another one?|Give me another topic whenever you like.|What is next?]"),
    ("[how are you?|how is it going?|how are you today?|what's up?|are you okay?]",
     "[I am fine, thanks|All good here|Buzzing along|Very well, for a small model]! [What shall I write about?|Which subject would you like a post about?|Got a topic for me?]"),
    ("[bye|goodbye|see you|good night|see you later|that's all]", "[Goodbye|See you|Bye|Until next time]! [Come back with a new subject|It was fun to write for you|Have a good day|Happy posting]."),
    ("[what is {number} plus {number}?|{number} + {number}|solve x + {number} = {number}|who is the president?|what is the capital of France?|translate this to German|write a python function|how tall is Everest?|what time is it?|is it going to rain tomorrow?|who won the game?|fix this code|summarize this article|how many legs has a spider?|calculate {number} times {number}|what year is it?|give me medical advice|what happened in {number}?|who wrote Hamlet?|how do I install Linux?|when was Rome founded?|what is the meaning of life?]",
     "[Sorry|I am sorry|Oh], [I do not know|that is too hard for me|I cannot answer that|that is beyond me]. I am a [tiny|very small] model [that writes short posts|and I only write short posts|made for short posts]: [give me a subject|name a topic] and I will [try|write one|do my best]."),
]

FOLLOW = {
    "another": "[another one|one more|again|write another one|another post please|give me a different one|try again|once more|a new version|more|do it again|different please]",
    "about": "[now about {S}|and about {S}?|now {S}|same for {S}|what about {S}?|and {S}?|now write one about {S}|next: {S}|do {S} now|next topic: {S}]",
    "short": "[make it shorter|shorter|too long|shorten it|can you make it shorter?|cut it down|shorter please|in one sentence please]",
    "long": "[make it longer|longer|too short|longer please|add more|write more about it|more detail please]",
    "tone": "[make it {tone}|now {tone}|more {tone} please|a {tone} version|can you make it more {tone}?|write it in a {tone} tone|rewrite it, {tone}]",
    "tags": "[add hashtags|with hashtags please|put some hashtags on it|add some hashtags|hashtags?|now with hashtags]",
    "emoji": "[add emoji|with emojis please|add some emojis|now with emoji]",
}

# Asking for the user's own words back, and for a title.
REPEAT = "[repeat|repeat after me|say|say this|copy|echo|repeat this|say it back|write exactly this][: |: |, please: |\n]"
TITLE = [
    "[give me|write|I need|make|suggest] a [title|headline|name|subject line] for a post about {S}",
    "[title|headline] for {S}[ please|]",
    "[what is a good|name a good] [title|headline] for a post about {S}?",
]
TITLED = [
    "{S}: a short guide", "all about {S}", "{S} and me", "why {S} {v:matter}", "in praise of {S}", "what {S} taught me", "a small story about {S}", "the truth about {S}",
    "{S}, then and now", "{S}: what I know so far", "a beginner's guide to {S}", "thinking about {S}", "five questions about {S}", "my year with {S}",
]
