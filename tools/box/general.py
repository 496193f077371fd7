"""What can be said about anything: plans of posts whose sentences hold for a subject the writer knows nothing of.

A plan is a small coherent post: its steps in order, each a list of sentences that fit together whichever are drawn. A step marked "more" only
stands in longer posts. Notation: [a|b] is a choice. {S} is the subject, {it} {them} {its} {is} {was} {has} {does} and {v:verb} agree with it;
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

# (tones, steps); the first and the last step make a short post.
PLANS = {
    "beginner": ("neutral thoughtful", [
        [
            "{time}, I knew [almost nothing|next to nothing|very little] about {S}.",
            "I used to [ignore|overlook] {S} [completely|entirely].",
            "Until {time}, I had never given {S} [much thought|a second thought].",
            "{person} mentioned {S} at dinner {time}, and I [had nothing to say|could only nod].",
            "everything I knew about {S} used to fit on [a sticky note|the back of a stamp].",
            "somebody asked me about {S} {time}, and I changed the subject.",
        ],
        [
            "at first it all sounded [confusing|complicated|strange], and I nearly [gave up|stopped there].",
            "the first article I read left me with more questions than answers.",
            "I asked {n} people and got {n} different answers.",
            "I mixed up the basics and was corrected [by a child|twice in one day|in front of everyone].",
            "I thought I would understand it in one evening, and I was wrong.",
            "I nodded a lot and understood [nothing|half of it|very little].",
        ],
        [
            "then {person} explained {S} to me in [plain words|two minutes|five minutes and one drawing], and it made sense.",
            "then I slowed down, took one question at a time, and {S} began to make sense.",
            "what helped was simple: [ten|fifteen|twenty] minutes a day, a notebook and no hurry.",
            "then I stopped pretending and asked the simplest question I had about {S}.",
            "then I found somebody who loves {S} and just listened.",
        ],
        "more",
        [
            "{span} later, I still take notes.",
            "I still get things wrong, but now I notice it myself.",
            "the more I read about {S}, the more there is to know.",
            "it turned out that I was not the only one with simple questions.",
            "my notes about {S} now fill a whole notebook.",
        ],
        [
            "now I could talk about {S} for hours, and my friends have been warned.",
            "the lesson: nothing is boring once you [look closely|pay attention|ask a good question].",
            "if {S} {v:seem} too much at first, wait a week and try again.",
            "I am still a beginner, but a happy one.",
            "today {S} {is} one of my favourite subjects.",
            "so if you know nothing about {S}, start anyway: I did.",
        ],
    ]),
    "opinion": ("neutral thoughtful", [
        [
            "I have changed my mind about {S}.",
            "[I think|I believe|in my opinion,] {S} {v:deserve} [more attention|a second look|more credit|a better reputation].",
            "let me say something in defence of {S}.",
            "here is an opinion nobody asked for: {S} {is} underrated.",
            "people are too quick to judge {S}.",
            "everyone has an opinion about {S}, and here is mine.",
        ],
        [
            "first, most people have never really looked.",
            "first, the loudest critics usually know the least.",
            "for one thing, there is more behind {S} than the name suggests.",
            "for one thing, it is easy to dismiss what you do not know.",
            "to begin with, {S} {v:make} people curious, and that is worth a lot.",
            "to begin with, I have yet to meet a person who looked closely and was bored.",
        ],
        [
            "second, everybody who gives {S} a fair chance finds something to like.",
            "second, {S} {v:bring} people together who would never talk otherwise.",
            "besides, I have learned more from {S} in {span} than I expected.",
            "besides, a good conversation about {S} is better than another hour of news.",
            "and then there is the simple fact that {S} {v:make} the day more interesting.",
        ],
        "more",
        [
            "of course {S} {is} not for everyone, and that is fine.",
            "yes, there are downsides, and I will not pretend otherwise.",
            "granted, it takes a little patience.",
            "to be fair, {person} disagrees with every word of this.",
        ],
        [
            "so give {S} a chance before you decide.",
            "that is my case for {S}, and you are welcome to argue.",
            "you do not have to agree, but do think about it.",
            "I rest my case: {S} {v:deserve} better.",
            "next time somebody laughs about {S}, ask them why.",
        ],
    ]),
    "question": ("neutral curious", [
        [
            "a question for everyone here: what [comes to your mind|do you think of] when you hear about {S}?",
            "what was your first experience with {S}?",
            "honest question: how do you feel about {S}?",
            "who here knows a lot about {S}?",
            "what is the one thing people should know about {S}?",
            "do you remember the first time you heard of {S}?",
        ],
        [
            "for me it was [curiosity|confusion] at first, then respect.",
            "I will start: I had no idea what to expect, and I was pleasantly surprised.",
            "my own answer is short: I came late, and I wish I had come sooner.",
            "I will go first: {person} told me about {S} {time}, and I have been curious ever since.",
            "my answer: it took me {span} to form an opinion about {S}, and I am still not sure.",
        ],
        "more",
        [
            "I asked the same at {place} and heard {n} different stories.",
            "{person} says the answer is obvious, but will not tell me.",
            "I am asking because I want to write more about {S}.",
            "there is no wrong answer here, only interesting ones.",
        ],
        [
            "what about you?",
            "tell me in the comments, I read all of them.",
            "I would love to hear your story about {S}.",
            "I am curious what you think about {S}.",
            "the best answer gets a post of its own.",
            "short answers welcome, long ones even more.",
        ],
    ]),
    "compare": ("neutral thoughtful", [
        [
            "my view of {S}, then and now.",
            "{span} ago I thought I knew all about {S}.",
            "it is funny how {S} can look so different after {span}.",
            "there is a before and an after in my story with {S}.",
        ],
        [
            "before: I thought {S} {was} something for other people.",
            "before, I would have walked right past {S}.",
            "back then, I repeated what everybody said about {S}.",
            "before, one bad experience was enough for me to say no.",
        ],
        [
            "after: I notice the details, and I ask better questions.",
            "now I take my time, and I see what others see in {S}.",
            "now I know how much I had missed.",
            "today, I would rather listen to somebody who knows {S} well.",
        ],
        "more",
        [
            "what changed was not {S}, it was me.",
            "one patient person at {place} made the difference.",
            "it did not happen overnight, it took {span}.",
        ],
        [
            "sometimes you only need to look twice.",
            "I am glad I gave {S} a second chance.",
            "the moral: do not trust your first impression of {S}.",
            "ask me about {S} again in a year.",
        ],
    ]),
    "announce": ("neutral enthusiastic professional", [
        [
            "a small announcement: this week is all about {S}.",
            "starting {day}, I will write one short post a day about {S}.",
            "I am happy to share that I will give a short talk about {S} next {day}.",
            "news: we are starting a small group for everyone who cares about {S}.",
            "save the date: next {day} we meet at {place} to talk about {S}.",
        ],
        [
            "there will be [questions|stories|coffee] and no long speeches.",
            "it is for beginners and for people who already know a lot.",
            "no experience is needed, only curiosity.",
            "we will keep it simple and friendly.",
            "{person} will help me, so it will be fun.",
        ],
        "more",
        [
            "{n} people have already said yes.",
            "I have prepared for {span}, and I am still a little nervous.",
            "if you have a question about {S}, send it to me before {day}.",
            "bring a friend who has never thought about {S}.",
        ],
        [
            "I hope to see you there.",
            "who is in?",
            "tell everyone who likes {S}.",
            "more about {S} soon.",
            "write to me if you want to join.",
        ],
    ]),
    "thanks": ("neutral inspiring nostalgic", [
        [
            "today I want to say thank you for {S}.",
            "a small thank-you note to everyone who taught me about {S}.",
            "not every post has to complain, so here is some gratitude for {S}.",
            "thank you to {person}, who first told me about {S}.",
        ],
        [
            "the subject came at the right moment, when I needed something new to think about.",
            "without {S}, the last {span} would have been a lot duller.",
            "I have laughed, I have learned, and I have met good people along the way.",
            "it is a small thing to some people, and a big one to me.",
        ],
        "more",
        [
            "I did not say it at the time, so I am saying it now.",
            "{n} people have told me the same this month.",
            "it is easy to forget where the good days come from.",
        ],
        [
            "so thank you, and please pass it on.",
            "here is to {S}, and to everyone who keeps sharing.",
            "what are you thankful for today?",
            "that is all, I just wanted to say it.",
        ],
    ]),
    "howto": ("neutral inspiring", [
        [
            "how to get started with {S}, in a few lines.",
            "new to {S}? Here is how I would begin.",
            "{person} asked me how to begin with {S}, so here is my answer.",
            "if I had to start with {S} again, I would do it like this.",
            "you want to know more about {S}? Start small.",
        ],
        [
            "first, forget what you have heard and look for yourself.",
            "first, find one person who knows {S} well and ask simple questions.",
            "first, take fifteen minutes and read something short about {S}.",
            "begin with one good question and write it down.",
        ],
        [
            "then take your time, because nobody understands {S} in a day.",
            "then share what you learn, even if it is only one sentence.",
            "after that, try to explain {S} to a friend, and you will see what is missing.",
            "next, make a few mistakes early, while they are still cheap.",
        ],
        "more",
        [
            "do not compare yourself with people who have years of experience.",
            "keep a small notebook, because you will forget the good parts.",
            "if you get lost, take a break and come back the next day.",
        ],
        [
            "the rest comes by itself.",
            "that is really all you need to begin with {S}.",
            "enjoy the beginning, it only happens once.",
            "and if you get stuck with {S}, ask me.",
        ],
    ]),
    "meeting": ("neutral", [
        [
            "I overheard a conversation about {S} at {place} {time}.",
            "{time}, a stranger at {place} started to talk to me about {S}.",
            "a conversation at {place} made me think about {S} again.",
            "two people at {place} were arguing about {S} {time}, and I had to listen.",
        ],
        [
            "one of them was sure, and the other one was right.",
            "it began as small talk and became a real discussion.",
            "I wanted to leave, but I was too curious.",
            "nobody raised their voice, and everybody learned something.",
        ],
        [
            "I had never heard anyone talk about {S} with so much love.",
            "by the end, even the quiet people had an opinion about {S}.",
            "I went home and read about {S} until midnight.",
            "on the way home I could think of nothing but {S}.",
        ],
        "more",
        [
            "I wrote down {n} questions and answered two of them.",
            "I told {person} about it the same evening.",
            "it was the best half hour of that week.",
        ],
        [
            "you never know where a good conversation will start.",
            "since then, I listen more carefully whenever somebody mentions {S}.",
            "I hope they are still talking about {S}.",
            "talk to strangers, it is worth it.",
        ],
    ]),
    "discover": ("neutral enthusiastic curious", [
        [
            "today I learned something new about {S}.",
            "I spent the evening reading about {S}, and I regret nothing.",
            "I have a new interest, and it is {S}.",
            "I fell down a rabbit hole {time}, and at the bottom {was} {S}.",
            "the more I learn about {S}, the more I like {them}.",
        ],
        [
            "what surprised me most is how much there is to know.",
            "it is one of those subjects that look small from the outside.",
            "I wanted to read for ten minutes, and it became three hours.",
            "every answer led to a new question.",
        ],
        "more",
        [
            "{person} has already asked me to talk about something else.",
            "I have {n} open tabs about {S}, and I will not close any of them.",
            "I even dreamed about {S} last night.",
            "my notes make no sense, but they are full of joy.",
        ],
        [
            "ask me anything about {S}, and I will try to answer.",
            "tomorrow I will read more about {S}.",
            "curiosity is a cheap and wonderful hobby.",
            "if you know a good book about {S}, please tell me.",
            "where has {S} been all my life?",
        ],
    ]),
    "verdict": ("neutral", [
        [
            "my honest review of {S}, after {span}:",
            "I have had {span} to think about {S}, so here is my verdict.",
            "{S}: worth the attention or not?",
            "people keep asking me what I think of {S}.",
        ],
        [
            "the good part: there is always something new to notice.",
            "on the plus side, {S} never {v:leave} me bored.",
            "what I like is how many good conversations {S} {v:start}.",
            "the best thing is how quickly people become curious.",
        ],
        [
            "the not so good part: it takes some patience.",
            "on the other hand, {S} {is} not for people in a hurry.",
            "what I like less is how much nonsense is said about {S}.",
            "the downside is that it is hard to explain to others.",
        ],
        "more",
        [
            "{person} would say the opposite, as usual.",
            "I was not paid for this opinion.",
            "my view may change, as it has before.",
        ],
        [
            "my verdict: yes, with pleasure.",
            "all in all, I would recommend {S} to a curious friend.",
            "in the end, I am glad that {S} {is} part of my life.",
            "[four|four and a half] stars out of five for {S}.",
        ],
    ]),
    "joke": ("funny", [
        [
            "I told {person} that I am now an expert on {S}.",
            "my relationship with {S} is complicated.",
            "breaking news from my sofa: I have opinions about {S}.",
            "I have been thinking about {S} for so long that my coffee is cold.",
            "nobody warned me about {S}.",
            "scientists say that the average person thinks about {S} once a year.",
        ],
        [
            "I had read [half an article|one headline|the first two lines of an article].",
            "my qualifications: one video and a lot of confidence.",
            "it started with a harmless question and ended with a spreadsheet.",
            "I made a list of pros and cons, and then I lost the list.",
            "so far I have {n} theories, and all of them are wrong.",
            "I think about {S} about {n} times before breakfast.",
        ],
        "more",
        [
            "my family has asked me to stop talking about {S} at dinner.",
            "even the cat leaves the room when I mention {S}.",
            "{person} pretended to get a phone call.",
            "I was told to get a hobby, and I said this is the hobby.",
        ],
        [
            "anyway, my talk about {S} starts in five minutes, and nobody can leave.",
            "I regret nothing, except the spreadsheet.",
            "send help, or at least send snacks.",
            "in conclusion: {S}. Thank you for coming.",
            "so if anybody asks, I am busy with {S}.",
            "tomorrow I will be normal again, probably.",
        ],
    ]),
    "dialogue": ("funny", [
        [
            "me: I will go to bed early. Also me at midnight: tell me more about {S}.",
            "friend: how was your weekend? Me: let me tell you about {S}.",
            "{person}: what are you thinking about? Me: nothing. My brain: {S}.",
            "doctor: what seems to be the problem? Me: I cannot stop talking about {S}.",
            "me in an interview: my biggest weakness is {S}.",
        ],
        [
            "it was a long conversation.",
            "there were follow-up questions.",
            "nobody laughed, but I did.",
            "I brought slides.",
            "I had not slept much.",
        ],
        [
            "I would do it again.",
            "no further questions, please.",
            "and that is why I eat lunch alone.",
            "this is fine.",
            "{S} 1, common sense 0.",
        ],
    ]),
    "excited": ("enthusiastic", [
        [
            "{wow}! I finally understand why everyone loves {S}!",
            "I cannot keep this to myself: {S} made my week!",
            "today is a good day, because today I get to talk about {S}!",
            "{S}! I could say the name all day!",
            "{wow}! Can we please talk about {S}?",
            "I waited {span} for this, and now I can say it: I love {S}!",
        ],
        [
            "I did not expect it, and now I am smiling at strangers.",
            "I told {person}, and now there are two of us!",
            "every day I discover something new about {S}.",
            "my heart beats faster just writing about {S}.",
            "where do I even begin?",
        ],
        "more",
        [
            "I have already told {n} people, and it is not even noon!",
            "if you had told me this {span} ago, I would have laughed.",
            "there is so much more to say about {S}!",
            "I want to shout it from the roof!",
        ],
        [
            "try to stop me!",
            "if you love {S} too, say hello!",
            "more about {S} tomorrow, I promise!",
            "what a time to be curious!",
            "go and find out more about {S}, you will thank me!",
        ],
    ]),
    "reflect": ("thoughtful", [
        [
            "I have been thinking about {S} lately.",
            "there is a quiet lesson in {S}.",
            "what does {S} really mean to us?",
            "on a long walk {time}, I thought about {S}.",
            "we talk a lot about {S}, but we seldom stop to think.",
        ],
        [
            "we often look for big answers and miss the small ones.",
            "at first glance {S} {v:seem} simple, and then it does not.",
            "it is easy to take {S} for granted.",
            "what we see depends on how long we look.",
            "perhaps the question matters more than the answer.",
        ],
        [
            "to me, {S} {is} a reminder to slow down and pay attention.",
            "I have come to see {S} as a mirror: everyone finds something different.",
            "maybe {S} {v:teach} us less about the world and more about ourselves.",
            "the longer I think about {S}, the less certain I am, and I like that.",
        ],
        "more",
        [
            "{person} once told me that attention is a form of respect.",
            "I do not have a conclusion, only a direction.",
            "it took me {span} to see that.",
        ],
        [
            "perhaps that is enough for today.",
            "I will keep thinking about {S}.",
            "maybe you see it differently, and that is good.",
            "take a minute today and think about {S}.",
            "sometimes understanding begins with silence.",
        ],
    ]),
    "business": ("professional", [
        [
            "what can [a team|our industry|a good leader] learn from {S}?",
            "{S} may not be on every agenda, but {it} should be.",
            "in the past {span}, I have worked more closely with {S} than ever before.",
            "I am pleased to share some thoughts on {S}.",
            "three years ago, few of my colleagues talked about {S}.",
            "a short professional note on {S}.",
        ],
        [
            "first, it pays to understand the basics before making decisions.",
            "the key is to listen to the people who know the subject best.",
            "good results begin with clear questions and honest answers.",
            "the discussion has become more open, and that helps everyone.",
            "we started small, measured the results and adjusted our plan.",
        ],
        [
            "in my experience, {S} {v:reward} patience and preparation.",
            "our approach to {S} is simple: learn, share, improve.",
            "for our team, {S} {has} become a regular topic, and the results are encouraging.",
            "anyone who takes {S} seriously will have an advantage.",
        ],
        "more",
        [
            "I would like to thank everyone who contributed.",
            "there is still work to do, and we are ready for it.",
            "the next step is to share what we know about {S} with others.",
        ],
        [
            "I look forward to your thoughts on {S}.",
            "how does your organization approach {S}?",
            "please feel free to contact me if you would like to discuss {S}.",
            "let us continue this conversation.",
            "I am grateful for the lessons, and curious about what comes next.",
        ],
    ]),
    "grumble": ("grumpy", [
        [
            "I have had enough of {S}.",
            "can we please stop talking about {S} for one day?",
            "unpopular opinion: {S} {is} overrated.",
            "everywhere I go, somebody wants to tell me about {S}.",
            "whoever is in charge of {S}, we need to talk.",
            "great, another day, another conversation about {S}.",
        ],
        [
            "I went to {place} for some peace, and what did I hear?",
            "first {person} started, and then everybody joined in.",
            "nobody asked me, of course.",
            "I was told it would be fun, and it was not.",
            "everyone acts as if it were the most natural thing in the world.",
        ],
        [
            "ten minutes about {S}, and my patience was gone.",
            "I tried to like {S}, I really did.",
            "and please do not tell me that I have to understand {S} first.",
            "the worst part is that people smile while they say it.",
        ],
        "more",
        [
            "I have been complaining for {span}, and nothing has changed.",
            "yes, I know that some people like {S}, and no, I do not want to meet them.",
            "my coffee was cold as well, since we are complaining.",
        ],
        [
            "there, I said it.",
            "do not write to me about {S}, I will not answer.",
            "I am going back to bed.",
            "tomorrow I will complain about something else.",
            "{S}: no, thank you.",
        ],
    ]),
    "poem": ("poetic", [
        [
            "{S}, a quiet word at the end of the day",
            "all night I thought of {S}",
            "somewhere between morning and sleep, {S}",
            "I said the name softly: {S}",
            "once more the evening comes, and with it {S}",
            "{S}, and the light growing thin",
        ],
        [
            "the window is open, the street is still",
            "a lamp goes out, a door is closed",
            "the kettle sings, the clock forgets to count",
            "the rain writes slowly on the glass",
            "the moon looks in and does not ask",
        ],
        [
            "I have no answer, only time",
            "what we love is never far",
            "some things are small and fill a room",
            "the heart remembers what the hand lets go",
            "and nothing needs a name tonight",
        ],
        "more",
        [
            "a leaf turns over in the wind",
            "the stars come out, one after one",
            "far off, a train, and then no sound",
        ],
        [
            "and in the silence, {S}",
            "so let it be enough: {S}",
            "tomorrow I will think of {S} again",
            "stay a little longer, {S}",
            "and then the morning, and {S}",
        ],
    ]),
    "lyric": ("poetic", [
        [
            "there is a kind of music in {S}, if you are quiet enough to hear it.",
            "like a lamp left on in a far window, {S} {v:wait}.",
            "some evenings smell of rain, and of {S}.",
            "{S}: a soft word, a slow breath, a light on the water.",
        ],
        [
            "the day folds itself away, and only this remains.",
            "I listen, the way one listens to snow.",
            "the hours move like boats without a wind.",
            "somewhere a window opens, and the night comes in.",
        ],
        [
            "I have carried {S} with me like a small stone, smooth from the years.",
            "ask me nothing now, let me think of {S} a little longer.",
            "and everything that hurried now stands still.",
        ],
        [
            "this is how I want to remember {S}.",
            "let the morning come late.",
            "for {S} there are no better words than silence.",
            "and so the evening ends, gently, with {S}.",
        ],
    ]),
    "memory": ("nostalgic", [
        [
            "when I was a child, {S} {was} something my grandparents talked about.",
            "I found an old photo {time}, and it made me think of {S}.",
            "whenever somebody mentions {S}, I am ten years old again.",
            "do you remember how we used to talk about {S}?",
            "{S} always {v:take} me back to the summers of my childhood.",
        ],
        [
            "we sat at the kitchen table, and nobody looked at a phone.",
            "my grandmother told the same story every Sunday, and we loved it.",
            "the days were long, and we had all the time in the world.",
            "the radio was playing, and the window was open.",
            "there were {n} of us, and one bicycle.",
        ],
        [
            "back then I did not know how much {S} would mean to me.",
            "I did not listen carefully then, and I wish I had.",
            "nobody took pictures of {S}, so I keep them in my head.",
            "things have changed since then, and so have I.",
        ],
        "more",
        [
            "the house has been sold, but I could still draw every room.",
            "I called {person}, who remembered it exactly the same way.",
            "some of those voices are gone now.",
        ],
        [
            "for a moment today, with {S} on my mind, I was back there.",
            "I would give a lot for one more of those afternoons.",
            "some things stay, and {S} {is} one of them.",
            "tell me your old stories about {S}.",
            "those were good days.",
        ],
    ]),
    "push": ("inspiring", [
        [
            "you do not need to be an expert to begin with {S}.",
            "{span} ago I was afraid of {S}.",
            "if you are waiting for a sign to take {S} seriously, here it is.",
            "everyone who knows {S} well was once a beginner.",
            "let {S} be your reason to try something new this week.",
        ],
        [
            "start with one small step, and do not wait for the perfect day.",
            "there will be doubts, and they are part of the way.",
            "one honest attempt teaches more than a hundred plans.",
            "nobody sees the first attempts, so be brave.",
            "it is never too late, and you are never too old.",
        ],
        [
            "what {S} taught me is simple: keep going.",
            "I have failed more often than I can count, and I am still here.",
            "a little every day is more than a lot someday.",
            "every small step with {S} counts.",
        ],
        "more",
        [
            "look how far you have come already.",
            "find people who believe in you, and be that person for somebody else.",
            "{person} told me that once, and it has stayed with me.",
        ],
        [
            "your story with {S} starts today.",
            "you can do this.",
            "go on, the first step is the hardest.",
            "one day somebody will ask you about {S}, and you will smile.",
            "believe in yourself, and begin.",
        ],
    ]),
    "wonder": ("curious", [
        [
            "what if we have been thinking about {S} in the wrong way?",
            "I wonder who was the first person to think about {S}.",
            "why does nobody teach us about {S} in school?",
            "here is something I have been wondering about: {S}.",
            "how would you explain {S} to somebody who has never heard of {them}?",
        ],
        [
            "I asked {person}, who just shrugged.",
            "the more I ask, the more questions I have.",
            "there must be a story behind it.",
            "I looked it up, and the answers did not agree.",
            "I asked at {place}, and everyone had a different theory.",
        ],
        [
            "is it chance, is it habit, or is it something else?",
            "maybe {S} {is} simpler than we think, or much stranger.",
            "so far I have {n} ideas and no proof.",
            "perhaps the interesting part of {S} is what we do not see.",
        ],
        [
            "if you know more about {S}, please teach me.",
            "what is your theory?",
            "I will keep asking.",
            "links and stories about {S} are welcome.",
            "who can help?",
        ],
    ]),
    "letter": ("neutral funny nostalgic", [
        [
            "dear {S:dear}, we need to talk.",
            "dear {S:dear}, I owe you a letter.",
            "dear {S:dear}, it has been {span}, and I still think of you.",
            "dear {S:dear}, you do not know me, but I know a lot about you.",
        ],
        [
            "I have said unkind things about you at {place}, and I take them back.",
            "people talk about you as if they knew you.",
            "{person} says I take you too seriously.",
            "you came into my life without asking, and you stayed.",
        ],
        "more",
        [
            "yes, we have had our difficult days.",
            "I have tried to forget you {n} times, and it never worked.",
            "nobody else gets a letter from me, so feel honoured.",
        ],
        [
            "yours, with some reservations.",
            "stay as you are, {S:dear}.",
            "with love and a few questions, a fan.",
            "see you soon, I suppose.",
        ],
    ]),
    "explain": ("neutral funny thoughtful", [
        [
            "my grandmother asked me to explain {S} to her.",
            "try to explain {S} to a child, and you will find out what you know.",
            "{person} asked me at {place}: what is so special about {S}?",
            "how do you explain {S} in one minute?",
        ],
        [
            "I started well, and after ten seconds I was lost.",
            "I used my hands, a napkin and two spoons.",
            "I began with the history and was told to hurry up.",
            "my first answer was too long, and my second one was wrong.",
        ],
        [
            "in the end I said that {S} {is} worth knowing, and that was enough.",
            "in the end we looked it up together, and both of us learned something.",
            "then I used my own words instead of the clever ones, and it worked.",
        ],
        "more",
        [
            "there were {n} follow-up questions.",
            "explaining {S} is harder than understanding {S}.",
            "I have practised in front of the mirror since then.",
        ],
        [
            "you only understand what you can explain.",
            "next time I will bring a drawing of {S}.",
            "I now have great respect for teachers.",
            "how would you explain {S}?",
        ],
    ]),
    "challenge": ("neutral inspiring enthusiastic", [
        [
            "a small challenge for this week: learn one new thing about {S} every day.",
            "seven days, seven facts about {S}: who is with me?",
            "my goal for this month is to understand {S} a little better.",
            "on {day} I start a small experiment with {S}.",
        ],
        [
            "the rules are simple: ten minutes a day, and no excuses.",
            "you need a pencil, some paper and an open mind.",
            "it costs nothing, and you can stop at any time.",
            "{person} has already promised to join me.",
        ],
        "more",
        [
            "I will post my notes here every evening.",
            "last time I gave up on day {n}, so cross your fingers.",
            "there is no prize, except that you will know more than before.",
        ],
        [
            "tell me on {day} how it went.",
            "who wants to learn about {S} with me?",
            "small steps, big results.",
            "at the end, we will all know more about {S}.",
        ],
    ]),
    "argument": ("neutral funny", [
        [
            "{person} and I have been arguing about {S} for {span}.",
            "there was a long discussion about {S} at {place} {time}.",
            "{person} says that {S} {is} overrated, and I say the opposite.",
            "never bring up {S} at dinner with my family.",
        ],
        [
            "one side had facts, and the other side had volume.",
            "both of us are right, in a way, and neither will admit it.",
            "it started politely, as these things do.",
            "I prepared {n} good arguments and forgot all of them.",
        ],
        [
            "in the end we agreed that {S} at least {v:make} good conversation.",
            "nobody changed their mind about {S}, but the dessert was excellent.",
            "then somebody asked a simple question, and everyone fell silent.",
            "we made peace over a pot of tea.",
        ],
        "more",
        [
            "the neighbours know both positions by now.",
            "we have agreed not to mention {S} on Sundays.",
            "I have sent {n} articles, and none of them was opened.",
        ],
        [
            "the discussion will continue on {day}.",
            "whose side are you on?",
            "I love people who care that much about {S}.",
            "to be continued.",
        ],
    ]),
    "mistake": ("neutral inspiring thoughtful", [
        [
            "let me tell you about my biggest mistake with {S}.",
            "I was wrong about {S}.",
            "everything I believed about {S} {time} turned out to be wrong.",
            "my first attempt to understand {S} failed completely.",
        ],
        [
            "I listened to the loudest person in the room.",
            "I thought I already knew enough.",
            "I was in a hurry, and it showed.",
            "I did not ask a single question.",
        ],
        [
            "it took {person} and a long walk to set me straight.",
            "one honest comment at {place} opened my eyes.",
            "I sat down, read about {S} from the beginning and felt a bit foolish.",
        ],
        "more",
        [
            "it was embarrassing for a day and useful for {span}.",
            "I have apologized to {n} people since then.",
            "being wrong is not so bad once you are used to it.",
        ],
        [
            "now I ask first and talk later.",
            "do not repeat my mistake: give {S} a fair look.",
            "I am glad I was wrong about {S}.",
            "what were you wrong about lately?",
        ],
    ]),
    "habit": ("neutral thoughtful", [
        [
            "every {day}, I take half an hour for {S}.",
            "I have a little habit: one cup of tea and ten minutes with my thoughts about {S}.",
            "some people read the news in the morning, and I read about {S}.",
            "there is always a place for {S} in my week.",
        ],
        [
            "it began by accident {time}.",
            "nobody told me to do it, which is why I do it.",
            "my family knows not to disturb me.",
            "it is not much, but it is mine.",
        ],
        [
            "after {span}, I would miss {S} if it stopped.",
            "it is surprising how much you notice about {S} when you are not in a hurry.",
            "on bad days, {S} {v:help} me think of something else.",
        ],
        "more",
        [
            "{person} has started to do the same.",
            "I have filled {n} small notebooks by now.",
            "sometimes I skip a week, and the week feels longer.",
        ],
        [
            "find your own small habit and protect it.",
            "a little {day} peace, thanks to {S}.",
            "it is a quiet kind of happiness.",
            "what is your half hour for?",
        ],
    ]),
    "poll": ("neutral curious", [
        [
            "quick poll: {S}, yes or no?",
            "love or hate: {S}?",
            "let us settle this once and for all: {S}, good or bad?",
            "on a scale from one to ten, how much do you like {S}?",
        ],
        [
            "I say yes, but I am easy to please.",
            "at {place} the vote was {n} to two in favour.",
            "{person} said no before I had finished the question.",
            "my own answer changes every week.",
        ],
        "more",
        [
            "no answer is wrong, but some are very strange.",
            "I will count the votes on {day}.",
            "please be kind to each other in the comments.",
        ],
        [
            "vote below.",
            "explain your answer in one sentence.",
            "the fans of {S} may now speak.",
            "I am ready for your opinions on {S}.",
        ],
    ]),
    "plan": ("neutral enthusiastic funny", [
        [
            "my plan for the weekend: {S}, tea and a long nap.",
            "this weekend is reserved for {S}.",
            "no plans for {day} evening, except {S}.",
            "other people go out, and I stay in and read about {S}.",
        ],
        [
            "the phone is off, and the kettle is on.",
            "{person} thinks that I am joking.",
            "I have been looking forward to it since {day}.",
            "I have bought snacks for the whole street.",
        ],
        "more",
        [
            "last weekend I tried to clean the kitchen, and look where that got me.",
            "it may rain all day, and I hope it does.",
            "I am told that this is called balance.",
        ],
        [
            "wish me luck.",
            "I will report back about {S} on {day}.",
            "do not call before noon.",
            "what are your plans?",
        ],
    ]),
    "advice": ("neutral professional inspiring", [
        [
            "the best advice about {S} I ever got came from {person}.",
            "one piece of advice on {S} has stayed with me for {span}.",
            "a student asked me what matters most about {S}.",
            "if I could tell my younger self one thing about {S}, it would be this.",
        ],
        [
            "do not rush, and do not pretend.",
            "listen first, and form your opinion later.",
            "start before you feel ready.",
            "learn the basics well, and the rest will follow.",
            "ask why one more time than is comfortable.",
        ],
        [
            "it sounds simple, and it took me years to follow it.",
            "I ignored it at first, and I paid for it.",
            "the more I learn about {S}, the more true it seems.",
            "it works for {S}, and it works for most other things.",
        ],
        "more",
        [
            "I wrote it on a card, and the card is still on my desk.",
            "I have passed it on to {n} people since then.",
            "good advice is short, I have noticed.",
        ],
        [
            "who gave you your best advice?",
            "pass it on.",
            "and that is all I know about {S}.",
            "thank you for that, wherever you are.",
        ],
    ]),
    "hype": ("enthusiastic", [
        [
            "I am so happy that I found {S}!",
            "everyone, meet my new favourite thing: {S}!",
            "I woke up early today, just because of {S}!",
            "you know what makes me smile? {S}!",
        ],
        [
            "{person} laughed at first and is now a bigger fan than I am.",
            "I went from zero to fan in one afternoon.",
            "I have told the whole bus about it.",
            "it was love at first sight.",
        ],
        [
            "if you have not discovered {S} yet, I envy you!",
            "there is no such thing as too much {S} for me!",
            "every week should begin with {S}!",
        ],
        "more",
        [
            "my only regret is that I did not start {span} earlier.",
            "I am making a list of everything I want to know about {S}.",
        ],
        [
            "join me!",
            "who else is a fan of {S}?",
            "happy {day}, everyone!",
            "I will never get tired of {S}!",
        ],
    ]),
    "rant": ("grumpy funny", [
        [
            "things I do not understand: {S}.",
            "explain to me, slowly, what is so great about {S}.",
            "today I lost an argument about {S}.",
            "I was asked to be nice about {S}, so this will be a short post.",
        ],
        [
            "I asked at {place}, and they looked at me as if I had asked about the moon.",
            "{person} calls it progress, and I call it noise.",
            "we managed perfectly well before, did we not?",
            "my doctor says I should not get upset, so I am only mildly upset.",
        ],
        "more",
        [
            "I gave it {span}, which is more than generous.",
            "I even made a list, and there was nothing in the second column.",
            "I have written a letter, and nobody has answered.",
        ],
        [
            "that will be all.",
            "I will be in the garden, not thinking about {S}.",
            "call me when {S} {is} out of fashion.",
            "no comments, please.",
        ],
    ]),
    "dusk": ("poetic", [
        [
            "late light on the table, and a thought of {S}",
            "I kept a place for {S} beside the window",
            "tell me of {S}, before the lamp burns low",
            "what the river said, I do not know: perhaps {S}",
        ],
        [
            "the bread is broken and the tea is poured",
            "the swallows write a letter on the sky",
            "a coat still hangs where summer hung it up",
            "two chairs, one shadow, and a bowl of plums",
        ],
        [
            "we do not need to understand it all",
            "the years go by like geese above the roof",
            "some doors stay open only for the wind",
            "I would not trade this hour for a crown",
        ],
        [
            "and {S} will be there when we wake",
            "goodnight, old world, goodnight, {S}",
            "so here I sit, and think of {S}",
            "and all the quiet answers with {S}",
        ],
    ]),
    "childhood": ("nostalgic thoughtful", [
        [
            "my grandfather had a saying about {S}, and I have forgotten it.",
            "there was a time when nobody in our street talked about anything but {S}.",
            "in the house where I grew up, {S} {was} a serious matter.",
            "I heard about {S} for the first time from {person}, long ago.",
        ],
        [
            "I was small, and the grown-ups were talking in the kitchen.",
            "it was a long winter, and we had one good lamp.",
            "it must have been a Sunday, because everybody was at home.",
            "I remember the smell of soup and the sound of the clock.",
        ],
        [
            "I did not understand a word, but I remember the name: {S}.",
            "since then, {S} {v:mean} home to me.",
            "I asked a hundred questions about {S}, and somebody always had an answer.",
        ],
        [
            "I wish I could ask again.",
            "today I tell my own children about {S}.",
            "memory is a strange and generous thing.",
            "whenever I hear about {S}, the clock begins to tick.",
        ],
    ]),
    "report": ("professional", [
        [
            "a brief update on our work with {S}.",
            "this quarter, our focus was on {S}.",
            "last week I had the pleasure of speaking about {S}.",
            "we are often asked about our position on {S}.",
        ],
        [
            "we spoke with {n} experts and listened carefully.",
            "the feedback was honest and very helpful.",
            "our goal was to replace assumptions with facts.",
            "the team prepared well and asked the right questions.",
        ],
        [
            "our main finding: {S} {v:deserve} time, care and a clear plan.",
            "it became clear that {S} {is} easier to discuss than to manage.",
            "the result is a simple guide to {S} that everybody can use.",
        ],
        "more",
        [
            "special thanks to everyone who stayed until the end.",
            "not everything worked on the first attempt, and we said so openly.",
            "we will review our progress in {span}.",
        ],
        [
            "we welcome your questions about {S}.",
            "more details will follow shortly.",
            "we are proud of the progress and aware of the work ahead.",
            "let us talk about {S} when we next meet.",
        ],
    ]),
}

# For what one does: knitting, bird watching.
ACTIVITY = {
    "try": ("neutral enthusiastic inspiring", [
        [
            "I tried {S} for the first time {time}.",
            "{person} talked me into {S} {time}.",
            "I always said that {S} {was} not for me, until {time}.",
            "{time}, I finally signed up for a beginners' class in {S}.",
            "my new hobby is {S}, and I am terrible at it.",
        ],
        [
            "the first hour was a disaster, and I laughed the whole time.",
            "I made every mistake a beginner can make.",
            "everyone else was better, faster and half my age.",
            "I wanted to go home after ten minutes.",
            "my hands did not know what my head wanted.",
        ],
        [
            "then somebody showed me one simple thing, and it went better.",
            "then I stopped comparing myself with others and just practised.",
            "what helped was doing a little {S} every day.",
            "then one move worked, just once, and I wanted more.",
        ],
        "more",
        [
            "it took {span} until I was not embarrassed any more.",
            "I have met {n} new people because of {S}.",
            "{person} came along once and now never misses a week.",
        ],
        [
            "I am still no good at {S}, but I am happy.",
            "now {day} evenings belong to {S}.",
            "if you have ever thought about {S}, just try it.",
            "{S} will not make me famous, but it makes my week.",
        ],
    ]),
    "praise": ("neutral thoughtful", [
        [
            "what I love about {S} is that anyone can start.",
            "nothing clears my head like {S}.",
            "people laugh when I say that {S} is my hobby.",
            "after {span} of {S}, I have learned one thing.",
            "an hour of {S} is worth more than a day in front of the screen.",
        ],
        [
            "it does not matter how good you are, it matters that you do it.",
            "you forget the time, the news and your phone.",
            "progress is slow, and that is the point.",
            "your hands are busy, and your thoughts can rest.",
        ],
        [
            "some days {S} goes well, and some days it does not, and both are fine.",
            "the best people I know, I met through {S}.",
            "I started {S} to be alone, and I found friends.",
            "I was impatient once, and {S} cured me.",
        ],
        [
            "try {S} once, and then tell me that I am wrong.",
            "that is why I will keep doing it.",
            "see you at the next round of {S}.",
            "everyone should have something like that.",
        ],
    ]),
    "first": ("funny", [
        [
            "I tried {S} today.",
            "they said {S} would relax me.",
            "my plan was to become a master of {S} in one weekend.",
            "yes, that noise was me, doing {S}.",
        ],
        [
            "the instructor asked if I had ever seen anyone do it.",
            "I was given a helmet, which should have been a warning.",
            "after five minutes, people began to film me.",
            "my muscles have filed a complaint.",
            "I am now banned from one more place.",
        ],
        [
            "on the bright side, nobody was hurt.",
            "ten out of ten, I would fail at {S} again.",
            "I have bought all the equipment, so now I cannot quit.",
            "next week I will try {S} with my eyes open.",
        ],
    ]),
}

# For what one can visit.
PLACE = {
    "trip": ("neutral nostalgic enthusiastic", [
        [
            "we went to {S} {time}.",
            "I had always wanted to see {S}, and {time} I finally did.",
            "{person} and I spent a few days in {S} {time}.",
            "{time}, I bought a ticket to {S} without much thought.",
        ],
        [
            "on the first day it rained, and we got lost.",
            "I had packed the wrong shoes, as always.",
            "I did not know a single person there.",
            "the map was wrong, and so was my sense of direction.",
        ],
        [
            "then somebody pointed the way, and we stayed for lunch.",
            "then the sun came out, and {S} looked like a postcard.",
            "then I put the phone away and simply walked.",
            "what I remember best is the light in the late afternoon.",
        ],
        "more",
        [
            "the food was simple, and the people were kind.",
            "we met an old man who told us {n} stories, and one of them was true.",
            "I took one good photo and {n} bad ones.",
        ],
        [
            "I would go back to {S} tomorrow.",
            "a part of me is still in {S}.",
            "if you ever get the chance, go to {S}.",
            "one visit to {S} is not enough.",
        ],
    ]),
    "guide": ("neutral", [
        [
            "planning a trip to {S}? Here is what I would do.",
            "people ask me what is so special about {S}.",
            "a small love letter to {S}.",
            "if you have only one day in {S}, do not hurry.",
        ],
        [
            "get up early, when the streets and paths are still empty.",
            "leave the main road and take the first small path.",
            "talk to the people who live there, because they know the best spots.",
            "bring good shoes and no plan.",
        ],
        [
            "the best things in {S} cost nothing.",
            "in the evening {S} is at its most beautiful.",
            "you will not see everything in {S}, and you do not have to.",
        ],
        [
            "and send me a postcard from {S}.",
            "I am a little jealous of everyone who sees {S} for the first time.",
            "enjoy every minute.",
        ],
    ]),
}

# For what one can own, hold or lose.
THING = {
    "bought": ("neutral", [
        [
            "I never wanted {S}, and {time} I got one anyway.",
            "{person} gave me {S} {time}.",
            "{time}, I found {S} at a flea market.",
            "we have had {S} at home for {span} now.",
        ],
        [
            "at first I did not know what to do with it.",
            "my family asked why we needed it.",
            "it stood in a corner for a week.",
            "everybody who visited us had a question about it.",
        ],
        [
            "then I took a closer look and started to like it.",
            "then one day we needed it, and it was there.",
            "then {person} borrowed it, and I noticed how much I missed it.",
        ],
        [
            "now I would not give {S} away for anything.",
            "it is not worth much, but it is part of the family now.",
            "who would have thought that {S} could make me so happy?",
            "sometimes a simple thing like {S} is all you need.",
        ],
    ]),
    "lost": ("funny", [
        [
            "{S} and I have been through a lot.",
            "I would like to report a small miracle: {S} survived another week in my house.",
            "I own {S}, and I have no idea why.",
            "every family has a secret, and ours is {S}.",
        ],
        [
            "it was lost twice, and both times it was in the fridge.",
            "it has been dropped, borrowed and forgotten on a bus.",
            "I use it for everything except its real purpose.",
            "guests ask about it, and I change the subject.",
        ],
        [
            "I will never sell it, mostly because nobody wants it.",
            "it will outlive us all.",
            "we are very happy together.",
            "do not ask what it cost.",
        ],
    ]),
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
