"""What the posts say about subjects of a known kind: one block a category, one list a step, one sentence a line.

  start    how it began, in the past          why   a reason to like it, true today
  trouble  what went wrong then               but   an honest caveat
  turn     what changed it                    tip   advice to a beginner
  end      where that leaves the writer now

A post takes one sentence of a step, so within a category every start must fit every trouble, and so on. The notation is that of
general.py: [a|b] is a choice, {S} the subject, {it} {them} {its} {is} {was} {has} {does} and {v:verb} agree with it, other slots are its pools.
"""

TEXT = """
== language
start
I started learning {S} {time}[, mostly out of curiosity|, one evening at a time|].
{time}, [our team|my team] [decided to try|asked me to learn] {S} [for a small service|for a new tool].
I [picked up|opened a book about] {S} {time} because I wanted to [build a chat server|write a small parser|finish an old side project].
My plan {time} was simple: learn {S} and [rewrite one old script|build one small tool].
trouble
The first week was all error messages and coffee.
For days I could not get the simplest example to compile.
I kept writing the code I already knew, only with new brackets.
My first version worked, but nobody could read it, including me.
turn
Then [a colleague|{person}] reviewed ten lines of my code, and everything clicked.
Then I stopped copying examples and wrote one tiny program from start to finish.
What helped was reading other people's code for half an hour a day.
Then I wrote a test first, and suddenly the compiler felt like a friend.
end
Today that little program runs every night, and I still understand it.
Now I reach for {S} [first|without thinking] when [a small tool is needed|a new project begins].
I write less code than before, and I sleep better.
I am no expert in {S}, but I am not afraid of the compiler any more.
why
The code stays short and easy to read.
Mistakes show up early, before they reach production.
The documentation answers most of my questions.
The community is patient with beginners.
Refactoring feels safe, even on a Friday.
but
The first error messages can be cryptic.
It takes a while to find the right library.
You will miss a few habits from other languages.
The build is not always fast.
tip
Build one small tool you will really use.
Read the error message twice before you search for it.
Type the examples yourself instead of pasting them.
Read other people's code for ten minutes a day.
Write a test before you write the clever part.
== tool
start
I set up {S} {time}, [on a quiet afternoon|after work], just to see what the fuss was about.
{time}, our team moved a small project to {S}.
I had avoided {S} for years, and {time} I ran out of excuses.
{person} told me to try {S} {time}, [so I did|and I gave in].
trouble
I spent the first day reading settings I did not understand.
The first attempt broke our build, and everyone noticed.
My config file grew to two hundred lines and still did nothing useful.
I forgot one small option, and it cost me an evening.
turn
Then I deleted everything and started again from the official tutorial.
Then a colleague showed me three commands, and those three were enough.
What helped was a short list of notes, kept next to the keyboard.
Then I read the changelog, of all things, and found the missing piece.
end
Now {S} {v:save} me [an hour a day|time every single day], and I hardly notice {them}.
Today the whole team uses {S}, and nobody talks about it, which is the best praise.
These days the boring work does itself, and I get to do the rest.
I would not want to work without {S} now.
why
The boring work happens by itself.
The documentation is short and honest.
It is easy to undo a mistake.
It plays well with everything else on my machine.
New people on the team learn it in a day.
but
The first setup takes patience.
The default settings are not for everyone.
One wrong line can cost you an afternoon.
There are more options than anybody needs.
tip
Start with the default settings.
Keep your own notes on the three commands you use most.
Change one setting at a time.
Try it on a small project before the big one.
Make a backup before you experiment.
== gadget
start
I bought {S} {time}, [on sale|second-hand], and told nobody.
{S} came into our house {time}.
{time}, I finally gave in and tried {S}.
For years I said I did not need {S}, and {time} I changed my mind.
trouble
The manual had ninety pages and no answers.
The battery was empty before I had found the right button.
It took an hour, two cables and one phone call to set everything up.
On the first evening nothing worked, and the light kept blinking.
turn
Then {person} pressed one button, and everything worked.
Then I turned off every notification, and peace returned.
What helped was ignoring nearly all of the features.
Then I found the one setting that mattered.
end
Now I use {S} every day and wonder why I waited.
It still beeps sometimes, but we understand each other.
I would buy the same again, and I would skip the manual.
Now {person} wants to borrow {S} every weekend.
why
It works on the first try, every morning.
The battery lasts longer than I do.
It replaced three other things on my desk.
It is small, quiet and easy to repair.
Even my parents use it without asking me for help.
but
The price is hard to love.
You will need one more cable.
The updates always come at the wrong moment.
The manual is no help at all.
tip
Charge it fully before the first use.
Read one honest review before you buy.
Turn off the notifications you do not need.
Keep the receipt for a year.
Buy it second-hand if you can.
== dish
start
I made {S} for the first time {time}.
{time}, I promised {S} to [four hungry friends|the whole family].
My grandmother made the best {S:bare} in the world, and {time} I tried to copy her.
We had {S} {time}, and I asked for the recipe before my plate was empty.
trouble
My first batch came out [burnt|far too salty|pale and sad], and we ordered sandwiches.
I skipped a step, and I could taste it.
The smoke alarm had an opinion about my cooking.
The kitchen looked as if a storm had gone through it.
turn
Then {person} told me the secret: less heat and more time.
The second time I read the recipe to the end, and that changed everything.
Then I stopped measuring and started tasting.
What saved me was good ingredients and a slow afternoon.
end
Last Sunday the plates came back empty, and nobody said a word until they were.
Now {S} {v:be} what my friends ask for when they visit.
It still does not look like the photo, but it tastes like home.
Now the recipe hangs on my fridge, with all my mistakes written beside it.
why
The whole kitchen smells wonderful.
The ingredients are simple and cheap.
Leftovers taste even better the next day.
Everyone at the table goes quiet after the first bite.
It tastes like home, wherever you are.
but
It takes longer than the recipe says.
There are a lot of dishes to wash afterwards.
It never looks like the photo.
It is easy to add too much salt.
tip
Read the recipe to the end before you begin.
Use less heat and more time.
Taste before you add more salt.
Buy the best ingredients you can afford.
Cook too much, because tomorrow you will want more.
== drink
start
I ordered {S} by mistake {time}, and that was the beginning.
{time}, I decided to learn how to make proper {S:bare} at home.
{person} poured me {S} {time} and said: just try it.
My mornings changed {time}, when I discovered {S}.
trouble
The first cup was far too strong, and I was awake until two.
My first attempt at home tasted like warm water.
I burned my tongue, because I could not wait.
I made every mistake at once, and the kitchen looked like it.
turn
Then a friendly barista explained what I was doing wrong.
Then I bought better ingredients and took my time.
What helped was patience, a clean cup and one good recipe.
Then I tried it without sugar, and finally tasted something.
end
Now {S} {v:be} my favourite ten minutes of the day.
Now there is a chipped mug with my name on it, and it is seldom empty.
I still make it a little differently every time, and I like that.
These days I make two cups, one for me and one for whoever drops by.
why
It turns a short break into a small ritual.
The smell alone is worth it.
It tastes better in good company.
A warm cup keeps my hands and my mood warm.
It is simple to make and easy to share.
but
It goes cold while you are talking.
At the corner café it costs more than lunch.
Too much of it keeps me awake.
It stains every shirt I own.
tip
Start with a small cup.
Do not hurry the water.
Leave out the sugar at least once.
Drink it sitting down, away from the screen.
Share it with somebody who has time.
== produce
start
I came home from the market {time} with a bag full of {S:bare}.
My neighbour left {S} on our doorstep {time}.
{time}, I decided to cook with {S} for a whole week.
As a child I would not touch {S}, and {time} I tried again.
trouble
I had no recipe, no plan and a very full fridge.
My first attempt went straight to the compost.
Half of the bag went bad before I had an idea.
The children looked at their plates in silence.
turn
Then the market lady told me how she cooks at home: [olive oil, salt, nothing else|a hot pan and five minutes].
Then {person} sent me a recipe with four ingredients.
What helped was a hot oven and a little salt.
Then I stopped hiding the taste and started to like it.
end
Now {S} {v:be} on my shopping list every week.
The plates came back empty, and the children asked for more.
I buy less now, but fresh, and nothing goes to waste.
Now I plant my own in a pot on the balcony.
why
It is cheap, fresh and easy to find.
A little of it makes the whole plate better.
The market stall looks like a painting.
It goes with almost everything in my kitchen.
It tastes best when it has travelled least.
but
It does not keep for long.
Out of season it tastes of nothing.
It takes a sharp knife and some patience.
There is always more of it than one person can eat.
tip
Buy it in season.
Ask the people at the market how they cook it.
Smell before you buy.
Use a sharp knife.
Keep the recipe simple.
== pet
start
{S} came into our lives {time}, and nothing has been tidy since.
{time}, we opened the door for {S}, just for a weekend.
I was never an animal person until {time}, when I met {S}.
{person} asked us to look after {S} {time}.
trouble
On the first night nobody slept.
There were muddy footprints on the couch and a hole in my favourite sock.
The expensive bed was ignored, and my pillow was not.
Breakfast was demanded at five in the morning, loudly.
turn
Then one evening there was a warm weight on my feet, and I gave up all resistance.
Then the vet told us to relax, and so we did.
What helped was a routine: food, walk, nap, and again.
Then we learned to put the shoes on a higher shelf.
end
Now the house feels empty when {S} {v:be} not around.
Now my phone holds nine hundred photos of {S}, and I regret none of them.
We lost a couch and gained a friend.
I still complain about the early mornings, but nobody believes me.
why
The welcome at the door beats any bad day.
Nobody listens better, and nobody gives less advice.
The daily walk is good for both of us.
Every nap looks like a work of art.
The house is louder now, and much happier.
but
There is hair on everything I own.
The mornings begin very early.
My chair is no longer my chair.
The vet bills are real.
tip
Be patient in the first week.
Keep to a routine.
Put your shoes on a high shelf.
Visit the vet before you need to.
Adopt if you can.
== wildlife
start
I saw {S} {time}, [on an early walk|from the kitchen window], and forgot to breathe.
{time}, I joined a group of people who watch {S} on weekends.
{person} lent me binoculars {time}, and that is how I met {S}.
I knew {S} only from books, until one morning {time}.
trouble
I had no camera, cold feet and far too much to say.
For an hour nothing moved, and I thought about going home.
I stepped on a branch, and everything with ears was gone.
My first photos showed grass, fog and my own thumb.
turn
Then I learned to sit still and wait.
Then a ranger told me where to look, and when to be quiet.
What helped was a thermos of tea and no hurry at all.
Then I put the phone away and simply watched.
end
Now I get up before sunrise and do not even complain.
My notebook is half full, and the other half is waiting.
I still know very little about {S}, but I know how to be quiet.
Now I walk more slowly, just in case.
why
Watching {them} makes an ordinary walk an adventure.
It teaches you to be quiet.
There is always some detail you did not see before.
Children ask the best questions about {them}.
Nature does not need our likes, and that is restful.
but
You need patience and warm socks.
The best moments never end up in a photo.
They need more protected places than we give them.
Early mornings are part of the deal.
tip
Keep your distance.
Go early and go alone.
Take binoculars instead of a bigger phone.
Learn one sound at a time.
Leave nothing behind.
== city
start
I arrived in {S} {time} with one small bag and no plan.
{time}, we spent [three days|a long weekend|ten days|two weeks] in {S}.
I moved to {S} {time}, for a job I was not sure about.
{person} talked me into a trip to {S} {time}.
trouble
It rained on the first day, and my map was useless.
I got lost before I had even found breakfast.
Our room was tiny, and the street below never slept.
I understood nobody, and I ordered soup three times in a row.
turn
Then an old man at a bus stop showed me the way and his favourite bakery.
Then we put the map away and simply followed the side streets.
What helped was good shoes and a seat at a small café.
Then the sun came out over the roofs, and everything looked different.
end
Now I miss the morning light and the noise of the market.
I came for the sights and I remember the people.
I still cannot pronounce the street names, but I would go back tomorrow.
A part of me never took the train home.
why
You can walk everywhere, and every corner is worth it.
The markets are loud and wonderful.
Breakfast takes as long as you like.
The old bridges look best in the rain.
People have time for a stranger with a map.
but
The main square is crowded at noon.
Good rooms are not cheap.
The last bus leaves too early.
One weekend is never enough.
tip
Walk more than you planned.
Eat where the menu has no pictures.
Get up early and have the streets to yourself.
Learn to say please and thank you.
Leave one afternoon without a plan.
== nature
start
We set out for {S} {time}, [with too much luggage|before sunrise].
I saw {S} for the first time {time}.
{time}, {person} and I took two days off to see {S}.
I needed a break {time}, and somebody said: go and see {S}.
trouble
The rain started after ten minutes, and my shoes were new.
We took a wrong turn and walked an extra hour.
I had packed three books and no dry socks.
At first I saw only fog and my own breath.
turn
Then the clouds opened, and nobody said a word.
Then we sat down on a stone and listened.
What helped was warm tea and a slow pace.
Then I switched off my phone, and the day became twice as long.
end
I came home tired and clear in the head.
Now a small stone from that day lies on my desk.
I think of {S} whenever the week gets too loud.
We have already marked the date for next year.
why
It is quiet in a way the city never is.
The light changes every minute.
Nobody asks you for anything out there.
A day outside makes the whole week lighter.
Every season looks like a different place.
but
The weather does what it wants.
On sunny Sundays you will not be alone.
You need good shoes and dry socks.
The way back is always longer.
tip
Start early.
Pack dry socks and something warm.
Tell somebody where you are going.
Leave the place as you found it.
Stop often, and look back.
== sport
start
I tried {S} for the first time {time}.
{time}, {person} dragged me along to {S}.
I signed up for a beginners' course in {S} {time}.
I had only watched {S} on television, until {time}.
trouble
After ten minutes I was out of breath, and I was the youngest there.
The next morning I could not climb the stairs.
I came last and had no breath left to complain.
My timing was terrible, and my shoes were worse.
turn
Then the coach told me to slow down and breathe.
Then I stopped looking at the others and counted my own small steps.
What helped was showing up, even in the rain.
Then, in the third week, one move finally worked.
end
I am still slow, but I have not missed a single week.
Now Tuesday evening belongs to {S}.
I never win anything, and I go home happy every time.
I came for the exercise and I stayed for the people.
why
An hour of it clears my head.
You meet people you would never meet at work.
Small progress is easy to see.
The team laughs with you, not at you.
You sleep very well afterwards.
but
Your legs will complain the next day.
Good equipment is not cheap.
The first month is humbling.
Training in November takes courage.
tip
Warm up properly.
Borrow the equipment before you buy it.
Rest is part of the training.
Find a group that laughs a lot.
Compare yourself only with last month.
== health
start
{time}, my doctor asked me to think about {S}.
I began to take {S} seriously {time}.
{person} kept telling me about {S}, and {time} I finally listened.
I was tired all the time, and {time} I read a book about {S}.
trouble
I wanted results in three days, and got none.
I made a big plan and dropped it after a week.
I compared myself with people who had ten years of practice.
I forgot it twice and felt guilty three times.
turn
Then I made it smaller: five minutes, every day, right after breakfast.
Then {person} joined me, and quitting became harder than going on.
What helped was a small note on the bathroom mirror.
Then I stopped counting and simply paid attention.
end
{span} later I sleep better, and I am easier to live with.
It is no miracle, but my shoulders have come down from my ears.
Now it is just part of the day, like brushing my teeth.
I still have bad weeks, and I am kinder to myself in them.
why
It costs nothing but a few minutes.
You feel the difference after a week or two.
It makes the rest of the day calmer.
Anyone can begin, at any age.
Small steps are enough.
but
It does not replace a doctor.
The first days are the hardest.
It works slowly, or not at all if you hurry.
It is easy to forget on busy days.
tip
Start smaller than you think.
Do it at the same time every day.
Be kind to yourself on bad days.
Ask a professional if something hurts.
Write down how you feel, in one line.
== craft
start
I tried {S} {time}, because I wanted to make something with my hands.
{person} gave me a beginner's set {time}, and that is how I came to {S}.
{time}, I took an evening class in {S}.
I found an old book about {S} {time} at a flea market.
trouble
My first piece looked like an accident.
I started again four times in one evening.
I ruined the material, the table and one good shirt.
Everybody in the room was faster than me.
turn
Then {person} showed me how to hold my hands, and it became easier.
Then I slowed down and stopped looking at the clock.
What helped was making ten bad ones in a row.
Then I decided that crooked was a style.
end
Now there is a small crooked thing on my shelf, and I am proud of it.
I spend an hour on {S} every evening, and my phone stays in the other room.
Next month I will give my first one away.
I am still slow, but my hands know more than I do.
why
You can hold the result in your hands.
It keeps your eyes away from the screen.
Mistakes become part of the pattern.
You need only a table and a little time.
A handmade gift says more than a bought one.
but
It takes more patience than talent.
The materials fill a whole cupboard.
The first ten attempts are just practice.
You will find traces of it all over the house.
tip
Start with something small.
Buy little material, but good material.
Keep your first attempt.
Work in daylight.
Give the best ones away.
== game
start
I played {S} for the first time {time}.
{time}, it rained all weekend, and we took out {S}.
{person} taught me {S} {time}, with a very patient voice.
We wanted a quiet evening {time}, so we tried {S}.
trouble
I lost in four minutes and asked for a rematch.
We argued about the rules for half an hour.
I understood my mistake exactly one move too late.
A nine-year-old beat me and was polite about it.
turn
Then I stopped trying to be clever and watched how the others did it.
Then we read the rules aloud, slowly, from the beginning.
What helped was losing a lot, and laughing about it.
Then I found one small trick, and suddenly I had a chance.
end
Now we play {S} every Friday, and the snacks are part of it.
I still lose, but it takes longer.
We went to bed at two, and nobody was sorry.
I have found a new rival, and she is nine.
why
The rules are easy, and the evenings are long.
Everybody at the table puts the phone away.
No two rounds are alike.
You can lose and still have a good evening.
Grandparents and children can play together.
but
One more round is never just one more round.
Somebody always reads the rules differently.
Losing takes practice.
It is not for people who have to get up early.
tip
Read the rules aloud once.
Lose the first game on purpose.
Keep the snacks away from the table.
Play with people who laugh.
Stop while it is still fun.
== music
start
I heard {S} by chance {time}, on the radio in the kitchen.
{time}, {person} took me along to an evening of {S}.
I always thought {S} {was} not for me, until one night {time}.
I decided {time} to spend a whole month with {S}.
trouble
At first I did not know what to listen for.
It all sounded like noise, and I checked my watch.
I counted the beat out loud and got it wrong.
My neighbours knocked on the wall twice.
turn
Then I closed my eyes, and one small melody stayed.
Then somebody explained the rhythm to me, and my foot understood it first.
What helped was listening to the same piece every evening.
Then I stopped analysing and simply listened.
end
Now there is {S} in my kitchen every Sunday morning.
I hum on the bus now, and I do not care who hears it.
I still cannot explain it, but I turn it up.
It has become the sound of that whole year for me.
why
It says what I have no words for.
The first notes change the whole room.
You do not need to know anything to enjoy it.
It sounds different every time.
It brings back a whole summer in a minute.
but
Not every neighbour agrees.
It can take a few tries to like it.
The tickets sell out fast.
It will stay in your head for days.
tip
Listen with your eyes closed.
Start with one short piece.
Go and hear it live, at least once.
Listen to the same thing twice.
Do not be afraid to sing along.
== book
start
I read my way into {S} {time}, on a long train ride.
{time}, the library lady put something about {S} in my hands.
I took {S} on holiday {time} and hardly saw the sea.
In school I hated {S}, and {time} I gave it a second chance.
trouble
The first pages were slow, and I fell asleep twice.
I lost track of the names and had to start again.
I understood every word and not a single sentence.
I wanted to be finished instead of reading.
turn
Then I read one page aloud, and suddenly it had a voice.
Then {person} told me to read ten pages a day and no more.
What helped was a pencil and a quiet corner.
Then I reached the middle and missed my stop.
end
Now there are pencil marks on every page.
I finished at midnight and sat there for a while.
I have already given a copy to {person}.
I read more slowly now, and I remember more.
why
One good line can stay with you for years.
It makes a long train ride short.
It is quiet company on a bad day.
There is always one sentence worth copying out.
The library has it for free.
but
The beginning asks for patience.
It is not for reading half asleep.
Nobody agrees about the ending.
The best parts are hard to explain.
tip
Give it fifty pages.
Read with a pencil.
Read one page aloud.
Leave the phone in another room.
Talk about it with somebody who disagrees.
== film
start
I saw {S} for the first time {time}, in a nearly empty cinema.
{time}, {person} and I spent a rainy evening with {S}.
I had heard so much about {S}, and {time} I wanted to see for myself.
We had two tickets left over {time}, and so I ended up with {S}.
trouble
For the first half hour I did not get it.
The person next to me ate popcorn through every quiet moment.
I expected too much and looked at my watch.
I missed the most important scene looking for my glasses.
turn
Then came one quiet scene, and the whole room stopped moving.
Then I stopped waiting for something to happen and started to look.
What helped was talking about it all the way home.
Then I saw how much care was in every little detail.
end
I still think about the ending when I walk home at night.
Now I tell everyone about {S}, and I never spoil the ending.
We went back a week later, and it was even better.
I did not love everything, but I have not forgotten anything.
why
Every picture could hang on a wall.
It makes you laugh and then think.
You see something new the second time.
The small details are full of care.
You want to talk about it all the way home.
but
It takes its time.
The trailer promises something else.
Not everybody will like the ending.
It is a little too long.
tip
Go in without reading anything.
Put the phone away.
Take somebody who likes to argue afterwards.
Stay until the very end.
See it on a big screen if you can.
== science
start
{time}, a child asked me to explain {S}, and I could not.
I listened to a talk about {S} {time}, by pure accident.
I had forgotten everything school taught me about {S}, and {time} I decided to begin again.
I opened an old textbook {time} and stopped at the chapter about {S}.
trouble
After two pages I had more questions than at the start.
The formulas looked like a fence with me on the wrong side.
I had half of it wrong, as it turned out.
Every answer had three new words in it.
turn
Then somebody drew a simple picture, and I saw it.
Then I tried to explain it to {person} and found the hole in my thinking.
What helped was one small example, worked out by hand.
Then I stopped memorizing and asked why.
end
Now I see {S} everywhere, even in the kitchen.
I understand perhaps a tenth of it, and that tenth is beautiful.
The child now has a better answer, and five new questions.
I went back to school, in a way, and nobody gives me marks.
why
It explains things you see every day.
The big idea fits in one sentence.
People have thought about it for centuries, and it is not finished.
It makes the world larger and stranger.
Good questions count more than right answers.
but
The details get hard very quickly.
The popular version is often half wrong.
It takes more than one evening.
Nobody remembers the formulas.
tip
Start with a question, not with a formula.
Draw a picture.
Explain it to a child.
Work out one example by hand.
Check who says so, and how they know.
== weather
start
{S} came early this year, and I was not ready.
{time}, I decided to stop complaining about {S}.
I used to stay inside because of {S}, until one day {time}.
I took a long walk {time}, right in the middle of {S}.
trouble
My shoes were wrong, and so was my mood.
The buses were late, and everyone sighed in the same key.
I had left my umbrella on the train, of course.
I stood at the window and counted the hours.
turn
Then a child ran past me, laughing, and I saw what I was missing.
Then I put on the thick coat and simply went out.
What helped was hot soup and a friend with a free afternoon.
Then the light changed, and the whole street looked new.
end
I came home with red cheeks and a better opinion.
Now I have the right coat and no more excuses.
Now I look forward to {S}, quietly, so that nobody notices.
There is a photo of that day on my fridge.
why
The light is different from every other time.
The air smells new.
It gives everyone something to talk about.
A warm kitchen feels twice as warm.
It makes you slow down for a day.
but
The right shoes make all the difference.
The forecast is wrong half of the time.
It always comes on laundry day.
After a week it is enough.
tip
Buy a good coat.
Go out for ten minutes anyway.
Keep dry socks at work.
Invite somebody for soup.
Look up now and then.
== work
start
{time}, I had to deal with {S} for the first time.
Nobody prepared me for {S} when I started my first job.
I used to get a stomach ache from {S}, and {time} I decided to change that.
{time}, our team sat down and talked about {S}, honestly.
trouble
I tried to do everything alone and told nobody.
I said yes to everyone and slept badly.
I talked too much and listened too little.
I read five books about it and changed nothing.
turn
Then an older colleague gave me one piece of advice: [write it down|ask sooner|do less, but finish it].
Then I said out loud what everybody was thinking.
What helped was one clear question at the right moment.
Then we agreed on one small change and tried it for a month.
end
It is not perfect today, but we talk about it.
I go home at six now, and the world has not ended.
Now when somebody new joins us, {S} {v:be} the first thing I explain.
I learned more from {S} than from any course.
why
It shows you how a team really works.
It teaches you to say things clearly.
You learn to trust other people's work.
Small improvements are noticed by everyone.
It is never about the slides, always about the people.
but
It takes more time than the calendar says.
Nobody teaches it in school.
It can eat the whole day if you let it.
Not every boss sees the point.
tip
Write down what you agreed on.
Ask the simple question first.
Say no early and kindly.
Keep it shorter than planned.
Thank people by name.
== home
start
{time}, I finally did something about {S}.
When we moved in, nobody warned us about {S}.
I spent a whole Saturday on {S} {time}.
We had ignored {S} for years, until {time}.
trouble
I watched two videos and made it worse.
I had every tool except the one I needed.
There was dust in places I did not know we had.
It took ten minutes to start and five hours to finish.
turn
Then my neighbour came over with the right tool and a calm voice.
Then I took everything apart and put it back slowly.
What helped was loud music and a friend who likes to carry things.
Then I found the manual, behind the cupboard, of course.
end
Now I look at {S} every morning and feel like an expert.
It is not perfect, but it is ours.
The whole flat feels bigger now.
We celebrated with pizza on the floor.
why
A small change makes the whole room friendlier.
It costs very little.
You notice it every single day.
It tells you something about the people who live there.
An hour of work gives you a month of peace.
but
It always takes longer than you think.
The neighbours may hear it.
There is one screw left over in the end.
It will need doing again next year.
tip
Measure twice.
Borrow the tool before you buy it.
Do one corner at a time.
Put on some music.
Ask a neighbour, because they have all been there.
== garden
start
I planted {S:bare} {time}, [without reading the label|with great hopes].
My grandmother knew everything about {S}, and {time} I began to learn it too.
{time}, I decided that our yard needed {S}.
{person} gave me a tiny pot {time}, and so I got into {S}.
trouble
I gave too much water, then too little.
The snails had a party, and I paid for it.
For weeks there was nothing to see but earth.
Half of it died, and I took it personally.
turn
Then my neighbour leaned over the fence and said: leave it alone.
Then it rained for two days, and everything woke up.
What helped was better soil and a lot less worry.
Then one morning there was a small green tip.
end
Now I drink my coffee outside and count the new leaves.
It is a little wild, and the bees approve.
I have dirt under my nails and no regrets.
Next spring there will be twice as much of it.
why
Something is different every morning.
Bees and butterflies come for a visit.
It makes you slow and patient.
Your hands are dirty, and your head is clear.
A small pot on the balcony is enough.
but
The snails like it too.
It does not care about your holiday plans.
The first year is mostly waiting.
Some of it will die, and that is normal.
tip
Start with one pot.
Water early in the morning.
Good soil is worth the money.
Ask an old neighbour.
Let a corner grow wild.
== transport
start
{time}, I took {S} for the first time in years.
{time}, I decided to give {S} a chance.
{S} got me to work {time}, and back again, which was the surprise.
I had time {time}, so I took the slow way and thought about {S}.
trouble
We stood still for an hour, and nobody knew why.
I had the wrong ticket and the right smile.
It was loud, it was late, and my coffee was gone.
I sat next to a man with a trumpet.
turn
Then the view opened up, and I put my phone away.
Then I started talking with the person beside me.
What helped was a good book and a window.
Then I stopped hurrying, since it made no difference.
end
I arrived late and in a better mood than usual.
Now I leave ten minutes earlier and enjoy the way.
I still curse sometimes, but I would not want to miss it.
I have seen more of this country in one year than in the ten before.
why
You see things you miss when you hurry.
You meet people you would never meet otherwise.
The way becomes part of the journey.
There is time to read, or to look out of the window.
It is better for the air we breathe.
but
It is not always on time.
In winter it takes a thick coat.
There is never enough room for luggage.
You need a little patience.
tip
Leave ten minutes earlier.
Take a seat by the window.
Carry a book.
Be nice to the person behind the counter.
Look out of the window.
== event
start
{time}, we planned {S} at our house.
I was nervous about {S} {time}, because the whole family was coming.
I used to avoid {S}, and {time} I said yes.
{S} began with a phone call and a very long list.
trouble
The cake arrived in two pieces.
It rained, and the tent was still in the car.
Somebody forgot the music, and somebody else forgot the plates.
I had planned every minute except the first one.
turn
Then my grandfather started to sing, and everybody else joined in.
Then we moved everything into the kitchen, and it was better than before.
What helped was a lot of candles and very low expectations.
Then the children took over, and the plan no longer mattered.
end
We were still sitting there at midnight, with cold coffee and old stories.
Nobody remembers the cake, and everybody remembers the singing.
Next year we will plan less and invite more.
I kept the paper hat, and it is on my desk.
why
People come who have not met for years.
The kitchen is the best room of the whole day.
The old stories are told again, a little longer each time.
Even the quiet ones laugh.
The photos are terrible, and everyone keeps them.
but
There are a lot of dishes afterwards.
Somebody always arrives too early.
The planning takes longer than the day itself.
Not every uncle should give a speech.
tip
Invite one person more than you planned.
Keep the food simple.
Let the children decide the music.
Take a few photos, then put the phone away.
Leave the dishes until tomorrow.
== feeling
start
{time}, I learned something about {S} from a stranger.
I used to think I understood {S}.
{person} and I talked about {S} {time}, until the tea was cold.
Nobody taught me about {S} when I was young.
trouble
I was too proud to say what I felt.
I waited for a sign instead of making a call.
I pretended that everything was fine, and I was good at it.
I looked for quick answers and found only noise.
turn
Then somebody listened without giving advice, and that was enough.
Then I wrote it down, in three plain sentences.
What helped was a long walk and a little honesty.
Then I made a phone call I had been putting off for a year.
end
I have no answer today, but I carry it more lightly.
{S} still {v:find} me on bad days, and now I open the door.
I learned to wait, which is more than I expected.
It did not change my life, but it changed that week.
why
It connects us more than we admit.
It grows when you share it.
It asks for nothing but a little attention.
Children understand it better than we do.
It shows in small things, like a message or a cup of tea.
but
It cannot be forced.
It is easy to say and hard to live.
Some days it does not come at all.
It takes longer than a weekend.
tip
Talk about it with a friend.
Write down one honest sentence.
Take a walk before you answer.
Give it time.
Be as kind to yourself as you are to others.
== school
start
I began with {S} {time}, [at forty-two|after work|with a free app].
{time}, I signed up for {S}, and I told everyone so that I could not quit.
I failed at {S} in school, and {time} I tried again.
{person} and I decided {time} to learn together, and we chose {S}.
trouble
After the first lesson I remembered exactly nothing.
I made the same mistake nine times in one hour.
Everybody else seemed to know it already.
I studied for five hours in a row and forgot it overnight.
turn
Then a patient teacher told me that mistakes are the homework.
Then I changed the plan: ten minutes a day, no exceptions.
What helped was explaining it to {person}.
Then I understood one whole sentence without help, and I could have danced.
end
{span} later I am still no expert, but I am no longer afraid.
Now I dream about {S} sometimes, with mistakes.
I passed, barely, and I framed the paper.
I study at the kitchen table, and my children help me.
why
You see progress every week.
Mistakes are cheap and often funny.
It opens a door to other people.
Ten minutes a day are enough.
It keeps your head awake.
but
You forget half of it in the holidays.
The middle part is slow.
The exceptions are longer than the rules.
It takes years, not weeks.
tip
Ten minutes every day beat one long Sunday.
Say it out loud.
Explain it to somebody else.
Make mistakes early.
Celebrate the small steps.
== money
start
{time}, I sat down with a cup of coffee and thought about {S}.
I never understood {S}, and {time} it became expensive.
{person} asked me about {S} {time}, and I had no answer.
I wrote down every cent {time}, because of {S}.
trouble
The numbers were worse than I had hoped.
I had three apps and no overview.
I bought a book about saving, and it was not cheap.
I did not open the letters for a week.
turn
Then I made a list with only two columns.
Then {person} explained it to me with coins on the kitchen table.
What helped was one small rule: wait a day before you decide.
Then I asked a question I was ashamed of, and everybody else had the same one.
end
I am not rich now, but I sleep well.
There is a jar in my kitchen now, and it is half full.
I still make mistakes with {S}, only smaller ones.
Now I look at the numbers on the first of every month.
why
A little knowledge saves a lot of worry.
Small amounts add up.
It is easier than the long words suggest.
It makes you think about what you really need.
You only have to understand it once.
but
The small print is long.
It is boring, and that is how they get you.
Nobody talks about it openly.
It takes discipline in the first months.
tip
Write everything down for one month.
Wait a day before you buy.
Read the small print.
Ask the question you are ashamed of.
Keep a little for bad days.
== object
start
I found {S} {time}, at the back of a drawer.
{time}, I bought {S} at a flea market for almost nothing.
My grandfather had {S} on his desk, and {time} it came to me.
I lost {S} {time}, and only then noticed how often I need {them}.
trouble
I searched every pocket and both bags.
It was dusty, a bit bent and older than me.
My family asked why we needed that.
For a week I put it in the wrong place every day.
turn
Then I cleaned it with an old cloth, and there was a small shine.
Then I gave it a fixed place by the door.
What helped was looking at it closely, just once.
Then I noticed how well somebody had thought about it.
end
Now I use {S} every day and think of the person who made {them}.
It is worth nothing, and I would not sell it.
I will give it to somebody who needs it more, one day.
A simple thing, and still working.
why
It does one job and does it well.
It needs no update and no password.
It feels good in the hand.
It outlasts every trend.
Somebody thought about it very carefully, long ago.
but
It disappears exactly when you need it.
The cheap ones break at once.
You always end up with three.
It takes up space in the drawer.
tip
Give it a fixed place.
Buy a good one, once.
Repair it before you replace it.
Lend it only to people you trust.
Look at it closely for a minute.
"""


def load():
    """{category: {step: [sentences]}}"""
    steps = ("start", "trouble", "turn", "end", "why", "but", "tip")
    stories, lines = {}, None
    for line in TEXT.strip().splitlines():
        if line.startswith("== "):
            story = stories.setdefault(line[3:], {})
        elif line in steps:
            lines = story.setdefault(line, [])
        else:
            lines.append(line)
    for name, story in stories.items():
        for step in steps:
            assert len(story.get(step, ())) >= 4, f"{name}: fewer than four sentences for {step}"
    return stories
