"""The grammar of the posts. [a|b] is a choice, {name} a slot that corpus.py fills.

Slots of the subject: S (named), X (named or a pronoun), it them its is was has isn't (they agree with it), v:verb (an agreeing verb),
goods bads (agreeing phrases of the category). Slots of the category: kind do doing did part act acting acted adj neg good bad who where img.
Every other slot is a pool below. Sentences start in lower case; a body sentence starts with its sign: + praise, - blame, 0 neither.
"""

POOLS = {
    "person": "[my|our|my|my] [older|younger|favourite|quiet|oldest|loudest|||||] [sister|brother|cousin|aunt|uncle|neighbour|colleague|roommate|dentist|landlord|teacher|flatmate|boss|barber|grandfather|mother|father|daughter|son|nephew|niece|best friend|old classmate|mail carrier|librarian|team lead|running partner]",
    "day": "[Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday]",
    "daytime": "[morning|afternoon|evening|night]",
    "time": "[last [week|weekend|month|spring|summer|autumn|winter|night|year|{day}]|this [morning|week|weekend|month|year|afternoon]|one [rainy|slow|busy|quiet|cold|sunny|strange] {day} [morning|afternoon|evening|]|yesterday|two days ago|a year ago|before breakfast|after [dinner|lunch|work|a long day]|on the way home|around midnight|during a long [lunch|call|weekend|train ride|phone call]|on [my|a quiet|a busy] {day}]",
    "number": "[two|three|four|five|six|seven|ten|twelve|a few|several|too many]",
    "span": "{number} [days|weeks|months|years|evenings|weekends|hours|mornings]",
    "feel": "[calm|proud|lucky|tired|happy|hopeful|curious|relieved|wide awake|a little lost|strangely calm|grateful|speechless|ready for anything|braver|young again|at home|optimistic|oddly peaceful]",
    "adv": "[really|honestly|quietly|truly|simply|somehow|clearly|usually|secretly|gladly|still|openly]",
    "very": "[very|really|surprisingly|remarkably|wonderfully|truly|pretty|quite|so|unusually|refreshingly]",
    "often": "[every day|once a week|every {day}|all the time|more often|twice a month|every {daytime}|whenever possible|on weekends|now and then|each spring]",
    "learned": "[learned|noticed|realized|discovered|found out|understood|remembered|was told|saw]",
    "people": "[people|most people|beginners|experts|my friends|strangers|kids|grown-ups|tourists|critics|so many of us|my cousins|the others]",
    "place": "[at work|at home|in the office|at school|in the neighbourhood|on the internet|in my family|at the library|around here|on the bus|in town|at dinner]",
    "thing": "[coffee|a good book|a warm coat|an old photo|fresh bread|a clean desk|a long walk|a phone call|clean sheets|good shoes|a window seat|sunlight|an honest answer|a day off|hot soup]",
    "reason": "[because {it} {goods}|because of the {part}|thanks to the {part}|mostly for the {part}|since {it} {goods}|and the {part} [helped|did the rest|sealed it]|and it shows]",
    "comfort": "[and that is fine|and I am not sorry|and I would do it again|and nobody complained|and it was worth it|and I slept well|and that says a lot|and it felt right|and I kept going]",
    "where2": "[my school days|our old kitchen|the corner shop|my first apartment|grandma's porch|the summer of my first job|rainy holidays|our tiny balcony|the back seat of the car]",
    "digit": "[two|three|four|six|seven|eight]",
    "ask": "[what is your|what was your|will you share your|may I hear your|can you tell me your] [first|best|worst|favourite|funniest|strangest|latest]",
    "opinion": "[I think|I believe|if you ask me,|in my view,|to me,|I would argue|I am convinced|I suspect|my guess:|fair to say:]",
}

# Shared by all tones.
OPEN = [
    "{time}[,|] I [finally|||] {did} {S} [for the first time|again|with {person}|{where}|for {span}|and took notes|without a plan], {comfort}",
    "[I have|we have] been {doing} {S} for {span} [now|], and [I still|we still] [like|love|enjoy|notice|talk about|care about] the {part}",
    "[a few words|some thoughts|a short note|a quick word|a small story|one more post|my notes] [on|about] {S}: [{it} {goods}|{it} {is} {very} {adj}|the {part} [won me over|surprised me|changed my mind|made my day]]",
    "{S} {is} [{very} {adj}|more {adj} than {people} [think|expect|admit]|{adj}, {adj2} and [never boring|never dull|a joy|hard to forget]]",
    "{person} asked me [why I like|why I keep {doing}|what I think of|how I started {doing}|where to begin with] {S} {time}",
    "[today|tonight|this week|right now] [it is all about|I am thinking about|my head is full of|I want to talk about|the topic is] {S} [and|, especially|, mostly] the {part}",
    "[there is|I found] [something|a quality|a charm] about {S} that [makes me {feel}|keeps me coming back|{person} will never understand|I cannot explain|feels like {thing}]",
    "[let me tell you|let us talk|time to talk|allow me a word|here is what I know] about {S}[: {it} {goods}|, especially the {part}|, please]",
    "{time} I {acted} [because of|thanks to|while {doing}] {S}",
    "[you can|anyone can|it is possible to|try to] {do} {S} [and still {y:act}|without {y:acting}|before you {y:act}|and feel {feel}]",
    "{opinion} {S} {v:deserve} [more attention|a second look|a better reputation|more love|a post of {its} own|an honest review]",
    "[it took me|I needed|it takes] {span} to [understand|appreciate|enjoy|notice] {S}, {reason}",
    "[if I had to describe|to describe] {S} in [one word|a few words|one breath], I [would say|say|would pick]: {adj}[, {adj2}|]",
]

BODY = [
    "+the {part} [alone |||][won me over|surprised me|made me smile|changed my mind|{p:was} worth it|kept me going|did it for me] [{time}|on day {number}|right away|after {span}|in the end]",
    "+{X} {goods}[, and {person} [agrees|noticed it too|says the same|would back me up]| {often}| and {does} not [brag|ask for much|make a fuss]|]",
    "+what I like [most|best||the most] is the {part}[: {adj} and [never boring|full of surprises|easy to love|hard to beat]|, then the {part2}| and, {adv}, the {part2}]",
    "+{it} {is} {very} {adj} [{where}|on a {day}|after a long day|when you {y:act}|for {who}|compared to {thing}]",
    "0{time} I {acted} and [thought of {them}|felt {feel}|told {person} about it|ended up {acting2}|lost {span} without noticing]",
    "0{person} [prefers to {t:act}|would rather {t:act}|once {t:acted} {where}|always says: {y:act} first|taught me to {act}|still laughs about the {part}]",
    "0my [tip|advice|trick|rule|plan|secret]: {y:act} [first|{often}|slowly|with {person}], then {y:act2}",
    "0[start with|look at|pay attention to|do not skip|ask {who} about|remember] the {part}[, not the {part2}| and the rest follows|; {people} [forget|miss|ignore] it|]",
    "-[sure|yes|granted|true], {X} can be {neg}, but [the {part} {p:make} up for it|I {adv} do not mind|so am I|{it} {goods}|that is part of the charm]",
    "-{it} {bads} [{often}|sometimes|on a bad day|if you are unlucky|when you least expect it], [and|but] [I forgive {them}|that is the price|who is counting|{person} just laughs]",
    "0[{where}|{time}], {person} [and I |]{acted} [while|as] I {acted2}",
    "+I [never expected|did not expect|was ready for anything but] the {part}, [let alone the {part2}|and yet there I was|but here we are {acting}]",
    "0{S} and {thing}: [that is all I need|a perfect {day}|name a better pair|this is the dream|my plan for {day}]",
    "+{who} [told me|might say|will tell you|would agree] that {it} {goods}[, and I believe it| too|]",
    "0[once you|if you|when you] {do} {them} {often}, you [start to {y:act}|stop worrying about the {part}|notice the {part}|{y:act} without thinking|feel {feel}]",
    "0[I used to {act}|we used to {act}|{person} used to {t:act}] [{where}|{often}|for fun|for {span}]; [now I {act2}|these days I {act2}|today {people} {t:act2}]",
    "+[after|in] {span}, I {learned} that the {part} [{p:matter} more than the {part2}|{p:is} half of it|{p:make} the difference|{p:was} there all along|{p:is} worth the wait]",
    "0[{number} things|the steps|the recipe|what helps]: {y:act}, {y:act2}[, {y:act3}|], and [do not forget the {part}|keep it {adj}|never rush|laugh about it]",
    "-[not everything was perfect|it was not all good|there were problems]: the {part} [{p:was} {neg}|let me down|took {span}|annoyed {person}]",
    "+{it} {v:make} me want to {act}[, even {where}| {often}|, and that is rare|]",
    "0{where}[,|] {people} [keep {t:acting}|talk about the {part}|{adv} {t:act}]; I [just|would rather|prefer to] {act2}",
    "+no {kind} has ever [made me feel so {feel}|taught me so much about the {part}|been so {adj}]",
]

CLOSE = [
    "{ask} [memory of {S}|story about {S}|moment {where}|tip for {who}|experience with {them}|excuse to {act}]?",
    "[next|tomorrow|next {day}|this weekend]: {acting}[, with {person}|, {adv}|, and more {S}|]",
    "[so, |and now: |well, |]who [wants to {t:act}|is in|else {adv} loves {them}|would {t:act} with me|has {number} minutes]?",
    "[try it|give {them} a chance|start today|go slowly|keep going|be patient] [and {y:act}|and tell me about the {part}|; the {part} {p:is} worth it|, {it} {goods}]",
    "[more|photos|the full story|part two] [soon|on {day}|next week|after I {act}]",
    "[in short|all in all|so yes|to sum up|long story short]: {it} {is} {adj} and I am {feel}",
    "[that is all|end of story|enough said|I rest my case|good {daytime}]",
    "what would you [say|add|change|tell {person}|do {where}]?",
]

TONES = {
    "neutral": {"open": [], "body": [], "close": []},
    "funny": {
        "open": [
            "my [relationship|history|experience] with {S} [in a nutshell|so far|, summarized]: [{acting}, {acting2}, regret|I {act}, {it} {bads}|{number} tries, zero dignity|{person} laughs, I cry]",
            "nobody: ... me at [midnight|3 a.m.|lunch|my own birthday|a funeral|the dentist]: let me tell you about {S}",
            "breaking news: local [person|hero|amateur|adult|genius] {did} {S} and {adv} {t:acted} [for {span}||{where}]",
            "[scientists|doctors|{number} experts|my cat and I|the voices in my head] [agree|confirm|warn]: {S} {is} {number} percent {part} and the rest is {neg}",
            "I told {person} that I would {do} {S}. [they are still laughing|the group chat went quiet|we no longer speak|now there is a spreadsheet]",
            "day {number} of {S}: [I have|we have] {did2} {them} [twice|badly|with my eyes closed|out of spite], {acted} and [learned nothing|blamed {person}|eaten all the snacks]",
            "{S}: because [therapy is expensive|{person} said I could not|sleep is for the weak|normal hobbies were sold out|the {part} will not wait]",
        ],
        "body": [
            "-I [tried to|wanted to|was going to] {act}, but [instead I {acted2}|the {part} had other plans|{it} {bads}|{person} was watching|my snacks ran out]",
            "0my plan [was simple|had {number} steps|looked great on paper]: {act}, {act2}, [become famous|nap|retire early|fool {person}]",
            "-at this point the {part} [{p:know} my name|{p:owe} me money|{p:has} a fan club|{p:pay} rent|{p:is} on my guest list]",
            "0{person} [asked if I was okay|called a meeting|took away my keys|started a support group|wants a refund] after I {acted} {where}",
            "-{it} {bads}, [much like {person}|which, same|just like my diet|and I took it personally|so we have that in common]",
            "0[fun fact|pro tip|legal notice|note to self]: you cannot {y:act} and {y:act2} at the same time. [ask me how I know|I tried|my shoes will never recover]",
            "+but the {part}? [chef's kiss|ten out of ten|I would marry it|no notes|a small miracle|better than {thing}]",
            "0[expectation|what I imagined]: {adj}, {adj2}, a soft breeze. [reality|what I got]: {neg}, {acting}, {person} filming",
        ],
        "close": [
            "send [help|snacks|{thing}|a lawyer|{number} pizzas][, and bring {person}||. and a towel]",
            "anyway, [I start again {day}|how is your {day} going|I regret nothing|I am {feel} now|please like and subscribe to my sighs]",
            "would I {do} {them} again? [tomorrow at nine|absolutely|ask me after {thing}|my lawyer says no|already did]",
            "rating: {digit} out of [ten|nine|three|potato][, would {act} again|, would not {act}|]",
        ],
    },
    "enthusiastic": {
        "open": [
            "[wow|oh wow|yes|finally|big news|guess what]! {S} {is} [so|absolutely|beyond] {adj}[, I cannot stop smiling| and I love it||, pass it on]!",
            "I am [so excited|over the moon|thrilled|bursting with joy|jumping up and down] about {S}[ right now| today|, {adv}|]!",
            "can we [please |all |]talk about how {adj} {S} {is}?",
            "{time} I {did} {S} and [my heart is full|I am in love|I want to tell everyone|nothing will be the same]!",
            "if you [have never {did2}|love|need] {S}, [this is your sign|today is the day|do not wait|you are in for a treat]!",
        ],
        "body": [
            "+the {part}! [the {part2}!|the way {it} {goods}!|I have no words!|pure joy!|I want more!]",
            "+{it} {goods}, and I [could cry|am here for it|want to hug {person}|cannot get enough|feel {feel}]!",
            "+I {acted} [with a huge grin|singing|for {span}|with {person}] and [it was the best part of my {day}|time flew|I felt {feel}]!",
            "+every [time|single time|{daytime}] I {act}, [the {part} {p:get} better|I fall in love again|I feel {feel}|I find a new favourite detail]!",
            "+{very} {adj}, {adj2}, [perfect|amazing|wonderful]: [that is what I call a {kind}|I want to shout it from the roof|everything about the {part} is a win]!",
        ],
        "close": [
            "[go and|run and|drop everything and|come and] {y:act}[ right now| today| with me|]!",
            "who is [with me|coming|as happy as I am|joining]? [let us {o:act}!|bring {person}!|I will bring {thing}!|]",
            "[best|happiest|most {adj}] {day} [ever|in {span}|of the year]!",
            "thank you, {S}, [for the {part}|for everything|you made my {day}]!",
        ],
    },
    "thoughtful": {
        "open": [
            "[maybe|perhaps|I wonder if|sometimes I think] {S} {is} [less about the {part} than about the {part2}|a mirror|really a question of the {part}|a way to {o:act}|what we make of it]",
            "I have been [thinking|reading|wondering] about {S} [lately|for {span}|since {person} {t:acted}|on long walks|{often}], and what it says about [us|me|time|attention|care|people]",
            "what does {S} [teach us|ask of us|give us|say about the way we live]?",
            "the longer I {do} {S}, the [less I know|more I notice the {part}|more I want to {act}|quieter I get]",
        ],
        "body": [
            "0we [often|rarely|too often|seldom] [see|mention|respect|question] the {part}, [yet there it is|and that is a pity|perhaps because it is {adj}|though {who} always did]",
            "+there is a lesson in the {part}: [small things last|not everything must be fast|we can {o:act}|it is fine to begin again|care is a kind of skill]",
            "0to {o:act} is [easy|a choice|a small act of trust|harder than it sounds]; to {o:act2} [takes a lifetime|is another matter|asks for patience|needs courage]",
            "0{person} once said that {X} {goods}, and [only now|after {span}|{time}] I [understand|begin to see|agree]",
            "-of course {it} {bads}, and [maybe we need that|that is honest, at least|it keeps us humble|so does most of life]",
            "+I [return|come back|keep going back] to the {part} [when I feel lost|{often}|on hard days|with new eyes], and I leave {feel}",
        ],
        "close": [
            "[perhaps|maybe] that is [enough|the point|all we need|why I {act}|what {S} {is} for]",
            "what do [you|we] [see|find|lose|keep] when we {do} {them}?",
            "I do not have [an answer|a conclusion|the full picture], only [the {part}|a question|gratitude|{thing} and time]",
        ],
    },
    "professional": {
        "open": [
            "[{number} lessons|what I learned|a key insight|some takeaways] from {span} of {doing} {S}:",
            "I am [pleased|proud|happy|excited] to [share|announce|report] that our team [has {did2}|is {doing}|will {do}] {S} [this quarter|this year|with great results|{where}]",
            "in [my career|{span}|my role|our industry], [few things|no {kind}] taught me more than {S}",
            "[leaders|teams|companies|professionals] can learn a lot from {S}[: start with the {part}|, and it begins with the {part}|]",
            "{S} {is} [not just|more than] a {kind}: {it} {v:show} us how to [{act}|build trust|focus on value|lead with empathy|deliver on time]",
        ],
        "body": [
            "+[first|second|third|most importantly|above all], [invest in|respect|never underestimate|measure|communicate] the {part}[. it pays off| early| as a team|, not just the {part2}]",
            "+by [choosing to {o:act}|{o:acting} together|{o:acting} early], we [improved the {part}|saved {span}|built trust|met our goals|helped {who}]",
            "0a special thanks to {who} [and|,] {person} for [the {part}|the feedback|{t:acting}|the support {where}]",
            "+the result: [a {adj} process|the {part} improved|{number} percent more focus|happier customers|a team that is {feel}]",
            "-the challenge was [the {part}|that {it} {bads}|to {o:act}], [and we solved it by {o:acting2}|but clear goals helped|and honest feedback was the answer]",
        ],
        "close": [
            "[what is your|how do you see your|share your] [experience with {S}|approach to the {part}|strategy]? [I look forward to your comments|let us connect|thoughts welcome|]",
            "let us [connect|talk|discuss the {part}|{o:act} together|keep learning]",
            "[small steps|clear goals|good habits|people], [big impact|real results|strong teams|lasting value]",
        ],
    },
    "grumpy": {
        "open": [
            "[can someone explain|who decided on|why do we put up with|why is everyone talking about] {S}?",
            "unpopular opinion: {S} {is} [{neg}|overrated|not that {adj}|{neg} and we all know it]",
            "[oh great|wonderful|lovely|just what I needed], {S} again",
            "I am [so tired of|sick of|done with|fed up with] {S}[. there, I said it| and the {part}|, {adv}|]",
            "{time} I {did} {S}, and I want [my {day} back|an apology|a refund|to speak to whoever made the {part}]",
        ],
        "body": [
            "-{it} {bads}[, every single time|, of course|, and nobody {adv} cares| {often}]",
            "-the {part} [{p:is} a joke|{p:drive} me up the wall|{p:was} better {number} years ago|{p:make} no sense|should come with a warning|ruined my {day}]",
            "-I [just wanted|only wanted|was trying] to {act}, not [to {act2}|spend {span} on the {part}|to argue with {who}]",
            "-{people} [keep telling me|say] {it} {is} {adj}. [no|please|really|since when|I have eyes]",
            "-{neg}, {neg2}, and [that is being kind|still {person} loves {them}|don't get me started on the {part}|I paid for this]",
            "+fine, the {part} [{p:is} not terrible|{p:is} okay|can stay|{p:save} it, barely]",
        ],
        "close": [
            "[no thanks|I give up|enough|never again|not impressed|make it stop][, I would rather {act}|. good {daytime}|, and take the {part} with you|]",
            "wake me up when [{it} {goods}|the {part} {p:improve}|it is {day}|someone can {t:act}]",
            "{digit} out of ten, and [that is generous|only for the {part}|I rounded up]",
        ],
    },
    "poetic": {
        "open": [
            "{S}: {img}, {img2}",
            "[listen|look|hush|be still]: {S}, [and|with|then] {img}",
            "{S} [at dusk|in {daytime} light|after rain|in the small hours], {img}",
            "[somewhere|far off|tonight|once], {img}, and [I think of|it is|we called it|the world is full of] {S}",
        ],
        "body": [
            "0{img}[, {img2}|; {img2}|, and the {part} like [an old song|a slow river|a promise|a lamp|a held breath]]",
            "+the {part} [{p:sing}|{p:wait}|{p:glow}|{p:hum}|{p:sleep}|{p:remember}] [under the {daytime}|in me|like {thing}|beyond words|and {p:ask} for nothing]",
            "0I {act}, [the evening {acting2}|the hours fall like leaves|the world grows small|and time forgets its shoes|and the heart follows]",
            "+{it} {goods}, [softly|again|as rivers do|like a bell|without a word]",
            "0[between|beneath|beyond] the {part} and the {part2}, [a door|a hush|one more {daytime}|my name, almost|something {adj}]",
        ],
        "close": [
            "[and then|and still|after that|at last], {img}",
            "[stay|stay a little|breathe|goodnight|remember], {S}",
            "so [small|{adj}|bright|brief] [a thing|a light|a life], so [{adj2}|near|far|ours]",
        ],
    },
    "nostalgic": {
        "open": [
            "when I was [a kid|seven|young|a student|twelve], {S} [meant the world to me|meant the {part}|meant {acting} with {person}|was all about the {part}]",
            "{S} [always |]{v:take} me back to [{where2}|the summer I {acted}|the days with {person}|{number} years ago]",
            "I [still|often|sometimes] remember [the first time I {did}|the years of|how we {did}] {S} [with {person}|{where}|back then]",
            "[does anyone else miss|who else misses] [the old days of|the {part} of|talking about] {S}?",
        ],
        "body": [
            "0{person} {t:acted} while I {acted2}, [and nobody was in a hurry|and the radio was on|and it smelled of {thing}|and the afternoon never ended]",
            "+the {part} [{p:was} different then|{p:is} still the same|smelled of summer|{p:live} in an old box|{p:come} back to me {often}]",
            "0we had [no phones|little money|all the time in the world|one bike for {number} kids], but we {o:acted} and [were {feel}|laughed for {span}|never asked for more]",
            "+I would give [a lot|anything|{number} years] to {act} [once more|with {person} again|like that|{where}]",
        ],
        "close": [
            "[where did the time go|some things never leave us|I hope it never changes|thank you, old days|those were the days]",
            "[call|hug|write to] {person}[, and {y:act}| today| while you can|]",
        ],
    },
    "inspiring": {
        "open": [
            "[you do not need|nobody needs|forget about] [talent|perfect conditions|permission|the right shoes|a plan] to {do} {S}. you [only need to start|need {number} minutes|need one small step|only need to {y:act}]",
            "{number} [years|months] ago I [could not|was afraid to|did not dare to] {do} {S}. [today|now|this week] I {acted}",
            "believe in [the {part}|small steps|your own pace|{S}]: {X} {goods}",
            "{S} taught me [to never give up|one thing: {y:act}|that small steps count|to {act} even when it is hard]",
        ],
        "body": [
            "+[every|each] [mistake|small step|{daytime}|attempt] [counts|brings you closer to the {part}|is part of the {part}|is proof that you can {y:act}]",
            "0[keep|start|never stop] {y:acting}[, even {where}|, even when it is {neg}| for {person}, for yourself|, one {day} at a time]",
            "-yes, {it} {bads}, [but so what|and you are stronger|and you will {y:act} anyway|but growth is {adj}]",
            "+one day the {part} will [make you smile|feel easy|be yours|make you {feel}], and [you will thank yourself|{person} will notice|you will {y:act2}]",
        ],
        "close": [
            "[start today|begin before you are ready|you can do this|keep going|one step is enough][, then {y:act}|. the {part} can wait|, I believe in you|]",
            "what [small step|brave thing|first move] will you [take|try] [today|this {day}|{where}]?",
        ],
    },
    "curious": {
        "open": [
            "[question|serious question|honest question|asking for a friend]: [how do you {do}|why do {people} love|what is the best thing about|where do I start with|when did you first {do}] {S}?",
            "did you know? {S} {goods}, [and it starts with the {part}|or so {person} says|and I want to know why]",
            "I [just|recently|only now] {learned} [how {adj} {S} {is}|something about {S}|the story of {S}] and [now I have questions|I want to {act}|I need to know more about the {part}]",
        ],
        "body": [
            "0[how|why] [would|can|could] the {part} [work|matter so much|look so {adj}|never get old]?",
            "0I asked {who}, I asked {person}, I even {acted}: [no answer yet|everyone says something else|all roads lead to the {part}]",
            "0is it the {part}, the {part2}, or [the way {it} {goods}|just luck|pure habit|something else]?",
            "+so far I {learned} that {it} {goods}[, which is {adj}| and {bads}|]",
        ],
        "close": [
            "[tell me everything|links welcome|experts, please help|teach me|leave a comment][, {number} words are enough|, I have {thing} ready|, especially about the {part}|]",
            "what should I [read|ask|try|{act}] [next|first|before {day}]?",
        ],
    },
}

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
    ("[what is {n} plus {n}?|{n} + {n}|solve x + {n} = {n}|who is the president?|what is the capital of France?|translate this to German|write a python function|how tall is Everest?|what time is it?|is it going to rain tomorrow?|who won the game?|fix this code|summarize this article|how many legs has a spider?|calculate {n} times {n}|what year is it?|give me medical advice|what happened in {n}?|who wrote Hamlet?|how do I install Linux?|when was Rome founded?|what is the meaning of life?]",
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
