"""Plans of posts in one voice, and plans for subjects of one kind.

A plan is a small coherent post: its steps in order, each a list of sentences that fit together whichever are drawn. A step after "more" only
stands in longer posts; the first and the last step make a short one. The notation is that of general.py.
"""

# name: (tones, steps)
PLANS = {
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
