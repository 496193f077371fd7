"""What the posts are about: categories, their subjects, and what can be said of each.

One block a category. Lists are separated by semicolons. Keys:
  kind      what to call it ("a small programming language called X")
  do        verbs that take the subject as their object
  part      things it has, said after "the"
  act       things people do around it, as bare verb phrases
  adj, neg  praise and blame
  good, bad what it does, as bare verb phrases (they are inflected to agree with the subject)
  who, where, img   people around it, places of it, images for poetic posts
  tag       hashtags
  one, many subjects taking a singular or a plural verb
  mods, heads, headsp   compose further subjects: "mod head", singular or plural
"""

BLOCKS = """
== language
kind: programming language; language; scripting language; compiled language
do: learn; write; read; teach; try; debug
part: pattern matching; error messages; standard library; type system; compiler; package manager; syntax; documentation; test runner; concurrency model; macros; community; build tool; interactive shell; formatter; pipe operator
act: refactor an old service; write a small parser; fix a flaky test; port a weekend project; delete two hundred lines; build a chat server; ship a command line tool; read the source; chase a null pointer; rewrite a shell script; sketch a tiny web app; solve a puzzle before breakfast; profile a slow loop; pair on a bug
adj: expressive; readable; fast; elegant; tiny; practical; sturdy; well documented; fun to refactor; concurrent
neg: verbose; cryptic; slow to compile; picky about types; hard to deploy
good: keep my code honest; make concurrency feel simple; catch mistakes before production; turn loops into small functions; reward tidy thinking; let processes crash and recover; make refactoring boring; fit in my head
bad: hide bugs until Friday; print a wall of red text; take forever to build; break on every upgrade; need three config files for one function
who: developers; teammates; the maintainers; a code reviewer; beginners; backend engineers
where: in production; in the terminal; at the meetup; on my laptop; in the code review
img: a cursor blinking in the dark; green tests like small lamps; functions folding into functions; brackets closing like doors; a quiet terminal at midnight
tag: coding; programming; developers; code; software
one: Python; Rust; Go; Elixir; Erlang; Ruby; JavaScript; TypeScript; C; C++; Java; Scala; Clojure; Swift; Dart; Lua; Perl; PHP; Julia; Elm; Gleam; Nim; Crystal; Prolog; Scheme; Common Lisp; Racket; Fortran; COBOL; Ada; Pascal; Smalltalk; Forth; Assembly; SQL; Bash; PowerShell; Visual Basic; Groovy; Idris; Agda; Lean; PureScript; ReasonML; Solidity; Apex; Tcl; AWK; MATLAB; APL; Odin; Mojo; Objective-C; Eiffel; Raku; functional programming; pattern matching; recursion; object-oriented code; metaprogramming; type inference; garbage collection
many: closures; macros; pointers; generics; monads; regular expressions; coroutines; unit tests; compilers; lambdas; iterators
mods: learning; teaching; debugging; modern; beginner; advanced; legacy; refactoring; old; idiomatic
heads: Python; Rust; Elixir; JavaScript; Ruby; Java code; Go code; Lisp; SQL; C code
== tool
kind: developer tool; framework; database; command line tool; library
do: use; install; configure; set up; try; recommend
part: documentation; plugins; default settings; config file; release notes; keyboard shortcuts; migration guide; dashboard; logs; install script; changelog; search; command line flags; dark theme; error page; free tier
act: migrate a side project; automate a boring task; read the changelog; clean up the pipeline; restore a backup; write a better script; set up a new laptop; trace a slow query; cut the build time in half; document a workaround; review a pull request; roll back a release
adj: reliable; lightweight; well documented; scriptable; boring in the best way; open source; fast; flexible
neg: bloated; slow to start; confusing at first; badly named; overengineered
good: save me an hour a day; just work; get out of the way; make deploys dull; play well with everything else; start in a second; make the whole team faster
bad: eat all my memory; forget my settings; ask for one more update; break the build at five; hide the one option I need
who: the ops team; developers; sysadmins; the on-call engineer; open source maintainers; new hires
where: on the server; in the pipeline; on my laptop; in staging; on call
img: logs scrolling like rain; a progress bar at dawn; servers humming in the dark; a green check mark
tag: devtools; opensource; devops; tech; coding
one: Git; Docker; Kubernetes; Postgres; SQLite; Redis; Vim; Emacs; VS Code; Linux; nginx; Terraform; Ansible; Jenkins; GitHub; GitLab; React; Django; Rails; Phoenix; Flask; Spring Boot; Node; Svelte; Angular; Tailwind; Webpack; Kafka; MongoDB; Grafana; Prometheus; Excel; Notion; Slack; Figma; Blender; CMake; Bazel; Nix; Homebrew; tmux; curl; Jupyter; PyTorch; pandas; Livebook; LaTeX; Markdown; GraphQL; Kibana; open source; version control; continuous integration; code review; the command line; our build system; static analysis; test automation
many: spreadsheets; databases; microservices; containers; web browsers; text editors; dashboards; APIs; backups; dotfiles; pull requests; dependencies; log files; merge conflicts; chatbots
mods: a new; a tiny; open source; automated; in-house; cloud; a self-hosted; enterprise; mobile; a plain
heads: database; text editor; note app; password manager; task tracker; monitoring; search engine; web server; calendar app; backup script
== gadget
kind: gadget; device; machine; piece of tech
do: buy; test; unbox; use; charge; review
part: battery; screen; buttons; charging cable; manual; camera; speaker; price tag; packaging; settings menu; update; little blinking light; warranty; sound
act: charge it overnight; read the manual; lose the cable; compare the prices; pair it with my phone; fix a cracked screen; turn off notifications; sell the old one; show it to the neighbours; plug everything in
adj: sleek; clever; affordable; solid; sturdy; quiet; smart; surprisingly useful
neg: overpriced; fragile; noisy; always out of battery; hard to repair
good: last all day; fit in a pocket; connect on the first try; save me a trip; replace three other things; make mornings easier
bad: die at ten percent; beep at three in the morning; need yet another adapter; update at the worst moment; listen to everything
who: reviewers; engineers; my tech friend; early adopters; the repair shop
where: on my desk; in my backpack; on the shelf; at the store; in the drawer of old cables
img: a blue light in the dark; a soft click; a screen glowing like a small moon; wires like vines
tag: tech; gadgets; technology; innovation; devices
one: artificial intelligence; virtual reality; 3D printing; my smartphone; the smart fridge; a mechanical keyboard; my old laptop; the robot vacuum; a smartwatch; an e-reader; wireless charging; home automation; the internet; the printer; the microwave; a label maker; solar power; quantum computing; machine learning; a flip phone; the cloud; cybersecurity; the first computer; a vintage radio; facial recognition; augmented reality; the calculator; a typewriter; a film camera
many: robots; drones; headphones; passwords; smartphones; electric scooters; laptops; smart speakers; tablets; game consoles; batteries; chargers; video calls; webcams; wearables; language models; satellites; self-driving cars; solar panels; computers; printers; keyboards
mods: a smart; a wireless; a broken; a portable; a tiny; a second-hand; an electric; a foldable; a retro
heads: speaker; camera; keyboard; phone; lamp; toothbrush; monitor; thermostat; doorbell; tablet; charger; watch; headset
== dish
kind: dish; recipe; meal; dessert
do: cook; make; eat; share; taste; serve
part: crust; smell; sauce; first bite; leftovers; secret ingredient; recipe; texture; aftertaste; colour; spices; garnish; last slice; crispy edges; warm middle
act: chop the onions; follow grandma's recipe; double the garlic; set off the smoke alarm; wait for the oven; lick the spoon; burn the first batch; invite the neighbours; taste it too early; wash a mountain of dishes; add a pinch of salt; knead the dough; go back for seconds
adj: crispy; comforting; spicy; buttery; fragrant; homemade; golden; rich; fresh; simple
neg: soggy; bland; burnt; too salty; undercooked
good: warm the whole kitchen; taste like home; bring everyone to the table; forgive a clumsy cook; vanish in minutes; make leftovers something to look forward to
bad: stick to the pan; never look like the photo; set off the smoke alarm; need eleven bowls; fall apart on the plate
who: my grandmother; hungry friends; the chef; the whole family; picky eaters; the baker
where: in the kitchen; at the table; at the little place on the corner; in a cast iron pan; at the market
img: steam on the window; butter melting slowly; a pot that hums; flour like snow; cinnamon in the air
tag: food; cooking; homemade; recipes; foodie
one: pizza; sushi; lasagna; sourdough bread; banana bread; paella; risotto; curry; pho; chili; goulash; borscht; ratatouille; apple pie; cheesecake; tiramisu; gelato; ice cream; fried rice; hummus; guacamole; shakshuka; moussaka; biryani; kimchi; miso soup; tomato soup; chicken soup; French toast; granola; porridge; oatmeal; chocolate cake; carrot cake; baklava; gumbo; clam chowder; ceviche; focaccia; meatloaf; shepherd's pie; mac and cheese; pasta carbonara; pad thai; fondue; bread pudding; gingerbread; popcorn; chocolate; breakfast; brunch; street food; leftover pizza; peanut butter; butter chicken; my first loaf of bread; garlic bread; potato salad; the school lunch; home cooking; baking
many: tacos; dumplings; pancakes; waffles; burritos; croissants; bagels; pretzels; meatballs; noodles; fries; scrambled eggs; cookies; brownies; cupcakes; donuts; macarons; empanadas; pierogi; samosas; falafels; spring rolls; burgers; sandwiches; hot dogs; nachos; muffins; cinnamon rolls; scones; fish fingers; roast potatoes; pickles; school lunches
mods: pumpkin; lemon; mushroom; cherry; spinach; walnut; onion; blueberry; chicken; lentil; vegan; coconut; honey; grilled; spicy; cheap; cold; leftover; apple; peach
heads: pie; soup; stew; salad; pasta; curry; risotto; cake; bread; casserole; pudding; omelette; pizza; tart; jam
headsp: dumplings; tacos; noodles; muffins; cookies; pancakes; skewers; rolls
== drink
kind: drink; brew; beverage
do: drink; brew; order; pour; taste; share
part: first sip; foam; aroma; cup; bitterness; price; bubbles; ritual; warm mug; last drop; aftertaste; ice; tiny spoon
act: wait for the kettle; burn my tongue; spill it on the keyboard; order a second cup; talk with the barista; pick a favourite mug; skip the sugar; sit by the window; forget it until it is cold; measure every gram
adj: strong; smooth; bitter; refreshing; warm; cold; fruity; sweet
neg: watery; lukewarm; overpriced; too sweet; stale
good: wake up the whole house; calm me down; turn a pause into a ritual; start the morning properly; taste better with company; keep my hands warm
bad: go cold in a minute; stain every shirt I own; keep me awake until two; cost more than lunch
who: the barista; my coworkers; night owls; tea drinkers; regulars
where: at the corner café; on the balcony; at my desk; by the window; in a chipped mug
img: steam curling upward; a spoon ringing against glass; ice cracking softly; morning in a cup
tag: coffee; tea; drinks; morning; café
one: coffee; tea; green tea; espresso; matcha; hot chocolate; lemonade; orange juice; kombucha; iced coffee; chai; mint tea; cold brew; apple cider; sparkling water; tap water; root beer; oat milk; milk; a cappuccino; decaf; mulled wine; beer; ginger ale; bubble tea; black coffee; craft beer; red wine; the office coffee
many: smoothies; cocktails; milkshakes; coffee breaks; energy drinks; tea bags; lattes
mods: ginger; peppermint; iced; cold; homemade; cheap; peach; herbal; vanilla; hot
heads: tea; coffee; lemonade; juice; latte; soda; punch
== produce
kind: fruit; vegetable; ingredient; spice
do: eat; buy; peel; cook; grow; slice
part: skin; smell; season; colour; seeds; crunch; juice; price at the market; shape; sweetness; stem; label
act: go to the market; make a soup; fill the basket; peel one too many; cry over the cutting board; plant a few seeds; look up a recipe; eat one over the sink; fill a jar; swap with the neighbours
adj: ripe; juicy; crunchy; sweet; underrated; colourful; fresh; humble
neg: mushy; bitter; out of season; sour; hard to peel
good: brighten any plate; grow almost anywhere; keep for weeks; taste like summer; go with everything
bad: go bad overnight; roll under the fridge; stain the board; get stuck in my teeth
who: farmers; the market lady; cooks; my grandfather; gardeners
where: at the farmers market; in the garden; in the fridge; in a paper bag; at the stall on the corner
img: baskets full of colour; juice on small hands; a market waking up; red against green
tag: fresh; food; seasonal; healthy; market
one: garlic; ginger; basil; cinnamon; broccoli; cauliflower; spinach; kale; cabbage; rhubarb; corn; rice; olive oil; honey; cheese; butter; salt; black pepper; tofu; parsley; rosemary; watermelon; pineapple; celery; fennel; lettuce; turmeric; vanilla; the avocado
many: apples; pears; bananas; strawberries; cherries; mangoes; lemons; oranges; peaches; grapes; tomatoes; potatoes; carrots; onions; mushrooms; pumpkins; cucumbers; beans; lentils; olives; walnuts; almonds; figs; plums; raspberries; blueberries; sweet potatoes; peppers; beets; radishes; chestnuts; eggs; avocados; leeks; peas; artichokes
mods: wild; organic; dried; ripe; frozen; local; roasted; fresh; purple
heads: garlic; basil; corn; honey; fennel
headsp: apples; tomatoes; mushrooms; cherries; onions; potatoes; berries; carrots
== pet
kind: pet; animal; breed
do: feed; adopt; train; walk; photograph; spoil
part: whiskers; ears; tail; little paws; morning routine; favourite toy; food bowl; stare; personality; nap schedule; muddy footprints; look of betrayal
act: clean the carpet; share the couch; take too many photos; hide the treats; visit the vet; wake up at five; learn a new trick; chase a sunbeam; lose a sock; nap on the laptop
adj: fluffy; loyal; mischievous; gentle; dramatic; curious; clever; sleepy; spoiled
neg: loud; stubborn; jealous of the laptop; picky about food
good: make the house feel full; greet everyone like a celebrity; know exactly when dinner is; improve every bad day; listen without giving advice
bad: wake me before sunrise; steal my chair; shed on everything black; ignore the expensive bed
who: the vet; the neighbours; my kids; dog people; the shelter volunteers
where: on the couch; at the shelter; in the yard; under the table; at the park
img: a small heart asleep; paws on the stairs; fur in the sunlight; a tail keeping time
tag: pets; animals; petsofinstagram; adoptdontshop; cute
one: my cat; my dog; the neighbour's cat; a rescue dog; our puppy; my hamster; a goldfish; the parrot; my rabbit; an old dog; the kitten; a golden retriever; a pug; my grandma's canary; a tortoise; dog training; cat food; walking the dog; adopting a cat
many: cats; dogs; puppies; kittens; hamsters; guinea pigs; goldfish; parrots; rabbits; ferrets; corgis; poodles; rescue dogs; budgies; dachshunds; beagles; greyhounds; ponies; cat videos; dog walks; therapy dogs
mods: a lazy; an old; a noisy; a tiny; my sister's; a grumpy; a very fat; my neighbour's; a clever
heads: cat; dog; parrot; rabbit; hamster; puppy; pony; goldfish
headsp: cats; dogs; hamsters; puppies
== wildlife
kind: animal; bird; creature; insect; species
do: watch; photograph; protect; draw; spot; study
part: wings; eyes; colours; song; nest; patience; tracks; tiny feet; way of moving; feathers; migration; silence; habitat
act: get up before dawn; keep a respectful distance; borrow binoculars; fill a notebook; sit very still; plant a few wildflowers; follow the tracks; join a nature walk; put out some water; tell the children
adj: graceful; shy; clever; wild; ancient; gentle; resilient; strange; beautiful
neg: noisy; hard to find; misunderstood; endangered; early risers
good: remind me to slow down; keep the ecosystem in balance; survive almost anything; work together without meetings; turn a walk into an adventure; sleep better than I do
bad: disappear when the camera is ready; ignore every tourist; get a bad reputation; lose ground every year
who: biologists; birdwatchers; the park ranger; children; volunteers; farmers
where: in the forest; by the river; at the edge of the field; in the wild; in the documentary
img: wings over still water; eyes in the tall grass; a feather on the path; the hush before dawn
tag: nature; wildlife; animals; conservation; outdoors
one: the blue whale; the octopus; the fox in our street; an owl; the honey badger; a lone wolf; birdwatching; the platypus; the axolotl; the snow leopard; a hummingbird; the kingfisher; a spider in the bathroom; wildlife photography; a red panda; the bumblebee; bird song; the giant squid; the dodo
many: penguins; bees; bumblebees; elephants; dolphins; whales; sharks; owls; crows; pigeons; foxes; wolves; bears; squirrels; butterflies; spiders; ants; frogs; snakes; turtles; llamas; sloths; koalas; kangaroos; giraffes; lions; tigers; pandas; octopuses; jellyfish; fireflies; ravens; sparrows; swans; ducks; geese; flamingos; eagles; bats; beavers; moose; deer; seals; crabs; lobsters; starfish; dragonflies; ladybugs; snails; camels; goats; sheep; cows; chickens; donkeys; horses; seagulls; badgers; raccoons; meerkats; capybaras; woodpeckers; storks; dinosaurs
mods: wild; baby; urban; night; snow; mountain; river; forest; arctic; desert; striped
headsp: owls; foxes; bees; frogs; wolves; goats; turtles; crows; ducks; bears; seals; spiders
== city
kind: city; town; country; village; capital; region
do: visit; explore; leave; photograph; love; describe
part: old streets; market; food; light; train station; people; rooftops; bridges; museums; side streets; language; small cafés; traffic; harbour; night buses; skyline; coffee
act: get lost on purpose; walk until my feet hurt; learn a few words; talk with a taxi driver; eat at a tiny counter; miss the last train; find a quiet square; send a postcard; wake up before the crowds; climb to the viewpoint; skip the guidebook; ride the tram to the end
adj: lively; friendly; colourful; historic; walkable; layered; welcoming; charming; sunny
neg: crowded; expensive; rainy; confusing; loud at night
good: change with every season; reward slow walking; feed you very well; stay with you for years; surprise you around each corner; feel like a film set
bad: empty my wallet; hide the good places; close everything on Sunday; run on its own clock
who: locals; tourists; a street musician; the taxi driver; my travel buddy; old friends
where: in the old town; on the tram; at the station; by the harbour; on a bench in the square
img: lamps coming on one by one; bells over wet roofs; laundry between windows; a tram turning the corner
tag: travel; wanderlust; citybreak; explore; travelgram
one: Paris; London; Tokyo; Berlin; Rome; Madrid; Barcelona; Vienna; Prague; Budapest; Warsaw; Athens; Istanbul; Cairo; Marrakech; Nairobi; Cape Town; Lagos; Mumbai; Delhi; Bangkok; Hanoi; Singapore; Hong Kong; Seoul; Kyoto; Osaka; Sydney; Melbourne; Auckland; New York; Chicago; Boston; Seattle; San Francisco; Los Angeles; Toronto; Montreal; Vancouver; Mexico City; Havana; Bogota; Lima; Buenos Aires; Rio de Janeiro; Santiago; Copenhagen; Stockholm; Oslo; Helsinki; Amsterdam; Brussels; Dublin; Edinburgh; Zurich; Munich; Hamburg; Venice; Florence; Naples; Porto; Seville; Krakow; Riga; Reykjavik; France; Italy; Spain; Germany; Poland; Japan; India; Brazil; Canada; Mexico; Portugal; Norway; Sweden; Greece; Turkey; Egypt; Morocco; Kenya; Vietnam; Thailand; Peru; Chile; Australia; New Zealand; Scotland; Ireland; Texas; California; Sicily; Bavaria; my hometown; the old harbour; downtown; the suburbs; a small village; the capital
many: small towns; big cities; old bridges; night markets; border towns; suburbs; the side streets
mods: a weekend in; winter in; a rainy day in; summer in; moving to; breakfast in; three days in; living in; the streets of; a night in
heads: Paris; Rome; Tokyo; Berlin; Vienna; London; Mexico City; Dublin; Athens; Kyoto; Prague; Oslo; Seattle; Naples; Cairo
== nature
kind: place; landscape; natural wonder; lake; mountain; trail
do: visit; explore; hike around; photograph; protect; draw
part: silence; trail; view; water; light at dusk; wind; rocks; smell of pine; clouds; colours; path; horizon; cold air; stars
act: pack a sandwich; leave the phone in the car; wake up before sunrise; put up a tent; walk until dark; skip a stone; fill a water bottle; forget the sunscreen; listen to the wind; pick up some litter
adj: wild; peaceful; vast; green; untouched; breathtaking; quiet; rugged; ancient
neg: muddy; steep; windy; full of mosquitoes; far from any signal
good: put problems in perspective; quiet the mind; look different every hour; ask for nothing; make people speak softly; outlast every plan
bad: soak my boots; hide behind fog; humble every hiker; eat phone signal for breakfast
who: hikers; the park ranger; my walking group; early birds; campers
where: on the trail; at the summit; by the water; under the trees; around the campfire
img: mist lifting off the water; pines leaning into the wind; stars without number; a path losing itself in ferns
tag: nature; hiking; outdoors; getoutside; landscape
one: the ocean; the forest; the desert; the beach; the mountains at dawn; the night sky; a waterfall; the river; the Alps; the Sahara; the Amazon; Yellowstone; Yosemite; Mount Fuji; Everest; the Grand Canyon; Lake Como; the Black Forest; the North Sea; the Baltic Sea; the jungle; a coral reef; the tundra; camping; a sunrise; the sunset; moss; an old oak; the sea; the northern lights; the moon; a meadow; the countryside; a volcano; the coast; stargazing; a hidden cave; the tide; the prairie; a rainbow
many: mountains; forests; rivers; lakes; caves; cliffs; waterfalls; islands; clouds; stars; volcanoes; national parks; sand dunes; wildflowers; pine trees; sunsets; sunrises; hiking trails; icebergs; wetlands; tides; rainbows; shooting stars
mods: a frozen; a quiet; a hidden; a windy; a foggy; the old; a distant; the northern
heads: lake; river; valley; forest; beach; island; canyon; trail; mountain; meadow; bay; hill
== sport
kind: sport; game; team sport; race
do: play; watch; try; practise; coach; follow
part: final whistle; training; team spirit; first serve; crowd; warm-up; rules; scoreboard; equipment; last five minutes; rivalry; rhythm; muddy shoes; half-time oranges
act: lace up my shoes; lose by a single point; train in the rain; cheer from the sidelines; pull a muscle; join a local club; stretch before bed; argue with the referee; run an extra lap; high-five a stranger; miss an easy shot
adj: fast; intense; elegant; exhausting; addictive; fair; thrilling; tactical
neg: painful; confusing; expensive; slow to watch; hard on the knees
good: teach patience and grit; bring strangers together; clear my head after work; make losing useful; reward practice over talent; keep the whole team honest
bad: hurt in places I did not know; end in extra time; ruin my Sunday; need too much gear
who: my teammates; the coach; the fans; the referee; beginners; the other team
where: on the field; at the stadium; at the gym; on the court; in the pouring rain
img: breath like smoke; chalk lines on wet grass; the hush before the shot; a ball hanging in the air
tag: sports; training; teamwork; fitness; gameday
one: football; soccer; basketball; tennis; table tennis; volleyball; rugby; cricket; baseball; hockey; ice hockey; golf; swimming; surfing; skiing; snowboarding; skateboarding; cycling; running; marathon running; boxing; judo; karate; fencing; archery; rowing; sailing; climbing; bouldering; gymnastics; wrestling; handball; water polo; curling; figure skating; triathlon; horse riding; darts; bowling; squash; lacrosse; parkour; diving; the World Cup; the Olympics; the Tour de France; a marathon; my first 10k; sprinting; long jump; skydiving; ultimate frisbee; roller derby
many: penalty kicks; sports fans; marathons; referees; running shoes; away games; free throws; ski lifts; team captains; rest days
mods: beach; women's; indoor; amateur; street; winter; wheelchair; school; sunday; night; youth
heads: football; volleyball; running; tennis; hockey; basketball; cycling; climbing; cricket; sailing
== health
kind: habit; practice; routine; exercise
do: practise; try; start; avoid; plan; teach
part: first five minutes; routine; breathing; sore muscles; excuses; schedule; progress; instructor; mat; alarm clock; good intentions; small wins
act: drink more water; go to bed early; stretch for ten minutes; turn off the screen; take a short walk; write it down; breathe slowly; skip a day; start over on Monday; cook something green
adj: simple; calming; steady; healthy; free; gentle; effective; humbling
neg: boring at first; hard to keep up; full of myths; awkward in public
good: help me sleep; lower the noise in my head; build slowly; add up over months; give me more energy; make hard days softer
bad: demand discipline at six; feel pointless in week one; lose to the sofa; get sold as a miracle
who: my doctor; the instructor; my therapist; beginners; runners; nurses
where: at home; on the mat; in the morning light; at the clinic; in the park
img: breath going out like a tide; bare feet on a cool floor; shoulders letting go; a window open to the morning
tag: wellness; health; selfcare; habits; mindfulness
one: yoga; meditation; sleep; stretching; pilates; walking; hydration; mental health; physical therapy; a cold shower; the dentist; fasting; journaling; mindfulness; good posture; stress; weight training; breathing; a morning routine; burnout; insomnia; hay fever; the common cold; sunscreen; therapy; a healthy breakfast; screen time; recovery; flossing; vitamin D; napping; a digital detox; back pain; first aid; quitting sugar
many: naps; push-ups; vitamins; headaches; daily walks; squats; pull-ups; allergies; bad habits; early mornings; rest days; dentists; nurses; small habits; glasses
mods: morning; evening; daily; ten minutes of; chair; beginner; office; outdoor; mindful; postnatal
heads: yoga; meditation; stretching; walking; breathing; exercise; pilates
== craft
kind: hobby; craft; handicraft
do: learn; try; practise; teach; enjoy; photograph
part: first attempt; tools; mistakes; patience; materials; finished piece; rhythm; half-finished projects; colours; workshop; video tutorials; quiet; texture
act: ruin the first one; buy too many supplies; follow a tutorial; start over twice; give one to a friend; cut the wrong side; lose track of time; clear the kitchen table; glue my fingers together; frame the result; measure twice
adj: relaxing; satisfying; slow; messy; creative; hands-on; meditative; rewarding
neg: fiddly; expensive; hard on the eyes; messier than promised
good: keep my hands busy; quiet my head; make perfect gifts; teach patience; turn scraps into something lovely; beat scrolling every time
bad: take over the living room; never look like the picture; eat whole weekends; leave glitter forever
who: my grandmother; the craft group; beginners; the teacher; patient people
where: at the kitchen table; in the garage; at the workshop; in the evening class; by the lamp
img: thread catching the light; clay turning under wet hands; sawdust in a sunbeam; a drawer full of colours
tag: handmade; diy; crafts; creative; hobby
one: knitting; pottery; woodworking; sewing; embroidery; quilting; photography; painting; watercolor; drawing; calligraphy; sketching; weaving; candle making; soap making; leatherwork; scrapbooking; model building; beekeeping; bookbinding; jewelry making; macrame; glassblowing; blacksmithing; fishing; stamp collecting; coin collecting; genealogy; juggling; magic tricks; whittling; kite flying; lockpicking; paper folding; furniture restoration; street photography; pixel art; digital art; sculpture; lettering; darning socks; tie-dye; home brewing; metal detecting; geocaching
many: model trains; handmade cards; quilts; candles; scarves; friendship bracelets; paper planes; wooden spoons; puppets; sketchbooks; jigsaw puzzles; oil paints; miniature houses
mods: wool; wooden; beginner; tiny; recycled; paper; leather; ceramic; digital; glass
heads: weaving; sculpture; jewelry; embroidery; carving; painting; printing
headsp: toys; bowls; boxes; ornaments; birds; boats
== game
kind: game; board game; video game; card game; puzzle
do: play; win; lose; explain; finish; recommend
part: rules; final boss; opening move; soundtrack; tiny pieces; ending; save file; map; dice; strategy; score; expansion; lucky cards; tutorial; side quests
act: read the rules out loud; play one more round; stay up until two; lose to a ten-year-old; blame the dice; check the score again; bluff badly; restart the level; invite friends over; save before the boss; flip the table
adj: clever; addictive; cooperative; strategic; silly; cozy; tense; fair; replayable
neg: too long; luck based; hard to explain; unforgiving
good: bring out my worst side; turn friends into rivals; make hours vanish; reward careful thinking; get the whole table laughing; stay fun after a hundred rounds
bad: end friendships; crash before the save; take an hour to set up; have one piece missing
who: my cousins; the game group; the kids; speedrunners; a sore loser
where: at the table; on the couch; at game night; online; in the final round
img: dice rolling like thunder; a knight waiting on its square; pixels at midnight; cards fanned like feathers
tag: gaming; games; gamenight; boardgames; gamer
one: chess; checkers; backgammon; poker; Go the board game; Tetris; Minecraft; Zelda; Mario Kart; Pac-Man; Monopoly; Scrabble; Catan; Sudoku; solitaire; Dungeons and Dragons; hide and seek; bridge; mahjong; charades; Pong; Stardew Valley; Tekken; SimCity; Age of Empires; Animal Crossing; a crossword; a quiz night; pinball; speedrunning; game design; a chess opening; the final boss; laser tag; Jenga; Uno; hopscotch; a treasure hunt; dominoes; tag
many: board games; video games; card games; puzzles; escape rooms; arcade games; riddles; crosswords; cheat codes; text adventures; indie games; loot boxes; chess clubs; word games; yo-yos; trading cards
mods: a retro; a cooperative; a new; an online; a cheap; a pirate; a space; a detective; a farming; a two-player
heads: game; board game; puzzle; card game; quiz; adventure; simulator; escape room
== music
kind: instrument; band; song; genre; style of music
do: play; hear; practise; discover; share; teach
part: melody; rhythm; chorus; first note; lyrics; bass line; silence between notes; solo; old recordings; strings; scales; concert; encore; liner notes
act: practise the same four bars; annoy the neighbours; tune it twice; hum it all day; play along badly; go to a tiny concert; make a playlist; dance in the kitchen; miss the high note; buy a used record; record a demo
adj: soulful; loud; moody; catchy; timeless; groovy; warm; raw
neg: out of tune; repetitive; hard on the fingers; too loud for my walls
good: say what words cannot; fix a bad commute; make the whole room sway; get stuck in my head; turn practice into play; carry old memories
bad: get stuck in my head for weeks; need endless practice; sound better in my imagination; upset the downstairs neighbours
who: the band; my music teacher; street musicians; the audience; the drummer; the neighbours
where: on stage; in the garage; on the radio; in my headphones; at the concert hall
img: a string still trembling; brass in the dusk; a needle finding its groove; notes like warm rain
tag: music; nowplaying; livemusic; musician; playlist
one: jazz; blues; rock music; punk; reggae; hip hop; techno; opera; folk music; country music; classical music; the piano; the guitar; the violin; the drums; the trumpet; the saxophone; the flute; the ukulele; the harp; the accordion; the banjo; a choir; karaoke; vinyl; heavy metal; salsa; bluegrass; ambient music; Mozart; Bach; Beethoven; the Beatles' last album; a love song; Eurovision; music theory; singing; beatboxing; a new playlist; songwriting; the bagpipes; the theremin; a street band; perfect pitch; disco; flamenco; tango; ballet; dancing; synth pop; film music; lo-fi; the radio; a music festival
many: vinyl records; concerts; music festivals; synthesizers; earworms; love songs; drum solos; playlists; choirs; guitar solos; music lessons; mixtapes; lullabies; marching bands; cover bands
mods: an old; a sad; electric; acoustic; a local; a broken; live; experimental; folk; a school; baroque
heads: guitar; piano; violin; song; band; orchestra; choir; jazz; techno; ballad; trumpet
== book
kind: book; novel; author; genre; kind of writing
do: read; recommend; finish; borrow; reread; discuss
part: first line; ending; cover; characters; footnotes; plot twist; last chapter; dialogue; smell of paper; narrator; dedication; margins; pacing; library copy
act: stay up too late; underline a sentence; miss my stop; lend it to a friend; start from page one again; argue at the book club; judge it by the cover; fall asleep mid-chapter; buy another copy; cry on the bus; write a bad first draft
adj: gripping; slow; tender; funny; dense; unforgettable; sharp; quiet; strange
neg: too long; overhyped; hard to finish; predictable
good: open a window in the head; make the commute too short; stay with the reader; ask better questions than it answers; keep the lamp on; turn strangers into friends
bad: sit on the nightstand for months; spoil its own ending; weigh two kilos; end one chapter too late
who: the librarian; my book club; readers; the author; my daughter; critics
where: at the library; in bed; on the train; in the second-hand shop; in the armchair
img: a page turning at midnight; dust in the reading room; ink drying; a ribbon between two chapters
tag: books; reading; bookstagram; writing; amreading
one: poetry; science fiction; fantasy; Shakespeare; Tolstoy; Kafka; Jane Austen; Agatha Christie; Moby Dick; Don Quixote; The Hobbit; Dune; Frankenstein; Dracula; Hamlet; Sherlock Holmes; the library; my library card; a good memoir; a cookbook; the dictionary; a book club; creative writing; a short story; my first novel; a haiku; journalism; blogging; the encyclopedia; an audiobook; a fairy tale; mythology; Greek mythology; proofreading; editing; storytelling; grammar; the semicolon; handwriting; translation; writer's block; a bookshop
many: libraries; novels; poems; comics; fairy tales; audiobooks; detective novels; short stories; footnotes; diaries; ghost stories; biographies; love letters; manga; book covers; public libraries; haikus; sonnets; semicolons; newsletters; bookmarks
mods: a forgotten; a borrowed; historical; a short; a Russian; a romantic; children's; travel; a long; a mystery; a thick
heads: novel; poem; story; memoir; fiction; diary; library; cookbook; biography
== film
kind: film; show; series; artwork; painter; museum
do: watch; recommend; discuss; rewatch; review; quote
part: opening scene; soundtrack; ending; costumes; camera work; plot; acting; colours; popcorn; last season; dialogue; long silences; subtitles; poster
act: cry at the credits; sit in the front row; hide behind a pillow; whisper during the trailer; buy too much popcorn; binge three episodes; quote it all week; google the ending; miss the last bus; start a small debate
adj: moving; strange; gorgeous; funny; suspenseful; subtle; bold; unforgettable
neg: slow; overrated; too loud; far too long
good: make the whole room silent; stay with you for days; get better every time; turn a small story into a big one; deserve the big screen
bad: end on a cliffhanger; run for three hours; explain the joke; spoil everything in the trailer
who: critics; my movie club; the director; my roommate; the person behind me
where: at the cinema; on the couch; in the museum; on a tiny screen; in the back row
img: light through dust; a red curtain falling; a face in the dark; paint still wet
tag: film; cinema; movies; art; nowwatching
one: Star Wars; Casablanca; The Godfather; Jaws; Titanic; the cinema; a silent film; film noir; documentary film; theater; improv comedy; stand-up comedy; Van Gogh; Picasso; Frida Kahlo; Monet; modern art; street art; the museum; the Mona Lisa; an art exhibition; animation; stop motion; Studio Ghibli; a soap opera; reality TV; the news; a romantic comedy; architecture; graffiti; fashion; abstract art; a bad sequel; a puppet show; the circus; musical theater
many: movies; documentaries; westerns; horror movies; musicals; cartoons; sequels; trailers; superhero movies; podcasts about film; museums; murals; portraits; TV shows; old movies; plot twists; subtitles; film festivals; sculptures
mods: a French; a silent; a bad; a low-budget; an animated; a classic; a scary; a black-and-white; a Korean
heads: film; movie; comedy; thriller; documentary; series; western; musical
== science
kind: science; field; theory; phenomenon; idea from physics
do: study; explain; teach; discover; understand; simplify
part: numbers; history; open questions; first experiment; scale; beautiful graphs; surprising results; equations; small details; evidence; mystery; lab work; big picture
act: read one more paper; repeat the experiment; draw it on a napkin; ask a simple question; explain it to a child; check the data; look through the telescope; doubt my first answer; correct an old myth; fill the whiteboard
adj: fascinating; precise; mysterious; elegant; counterintuitive; patient; vast; surprising
neg: hard to explain; full of jargon; misquoted; easy to get wrong
good: make the ordinary look strange; answer one question with two; change how I see the sky; reward careful people; keep me humble; explain more than it seems
bad: hurt my brain before coffee; get lost in headlines; refuse simple answers; need a bigger budget
who: scientists; students; my physics teacher; researchers; curious kids
where: in the lab; at the observatory; in the lecture hall; in a dusty textbook; on a whiteboard
img: light older than the mountains; a needle trembling on its dial; dust that was once a star; a question with no edge
tag: science; research; stem; curiosity; learning
one: gravity; evolution; photosynthesis; quantum mechanics; relativity; the Big Bang; dark matter; a black hole; DNA; chemistry; biology; physics; geology; mathematics; statistics; probability; calculus; geometry; number theory; the periodic table; the scientific method; neuroscience; psychology; economics; archaeology; linguistics; space travel; Mars; Jupiter; the sun; the solar system; plate tectonics; electricity; magnetism; entropy; chaos theory; game theory; pi; infinity; zero; the brain; the immune system; memory; bacteria research; climate change; renewable energy; history; philosophy; anatomy; botany; meteorology; the speed of light; water; carbon; time dilation; the placebo effect; topology; cryptography
many: black holes; volcanoes and earthquakes; atoms; comets; prime numbers; fossils; vaccines; viruses; bacteria; galaxies; planets; magnets; telescopes; microscopes; crystals; genes; neurons; eclipses; tides and the moon; earthquakes; meteorites; exoplanets; fractals; experiments
mods: marine; modern; ancient; solar; quantum; molecular; applied; theoretical; medieval; cognitive
heads: biology; physics; chemistry; history; energy; mathematics; philosophy; geology; medicine
== weather
kind: season; kind of weather; time of year; month
do: enjoy; welcome; describe; miss; survive; expect
part: light; first day; smell; colours; long evenings; cold mornings; wet socks; quiet streets; sky; sound on the roof; puddles; forecast; temperature
act: open every window; find my other glove; walk without a plan; make some soup; jump in a puddle; forget the umbrella; stay under a blanket; sweep the leaves; change the bed sheets; watch the sky
adj: gentle; crisp; golden; cozy; moody; bright; wild; slow
neg: grey; damp; too long; unpredictable; sticky
good: slow everything down; paint the whole street; smell like a fresh start; give me an excuse to stay in; make tea taste better; bring the neighbours outside
bad: ruin my hair; cancel every plan; last two months too long; find the one hole in my shoe
who: gardeners; children; the weatherman; commuters; the neighbours
where: outside my window; on the porch; on the way to work; in the park; under an umbrella
img: rain writing on the glass; gold in the gutters; breath hanging in the air; the first warm stone
tag: weather; seasons; outdoors; mood; cozy
one: spring; summer; autumn; winter; rain; snow; fog; thunder; a heat wave; the first snow; a rainy Sunday; October; November; December; January; February; March; April; May; June; July; August; September; sunshine; wind; hail; a thunderstorm; frost; the first frost; a snow day; humidity; a grey sky; golden hour; the shortest day; daylight saving time; drizzle; a blizzard; a hurricane; monsoon season
many: thunderstorms; snowflakes; falling leaves; summer nights; rainy days; puddles; spring mornings; winter evenings; weather forecasts; long shadows; cold hands; sunny days
mods: late; early; a cold; a warm; a stormy; a long; an endless; a mild; a sudden
heads: spring; summer; autumn; winter; morning; evening; rain; snow; october
== work
kind: part of work life; job; work habit; profession
do: handle; survive; plan; improve; question; discuss
part: calendar; meeting notes; first week; deadline; feedback; small talk; inbox; agenda; quiet hours; unwritten rules; team; job description; follow-up email; coffee machine
act: mute the chat; write a clear agenda; say no politely; reply to the email; ask for feedback; take a real lunch break; block two hours; cancel a meeting; thank a colleague; update the roadmap; forget I was on mute
adj: useful; honest; productive; stressful; human; underestimated; necessary; awkward
neg: exhausting; pointless; badly planned; too frequent; full of buzzwords
good: build trust in the team; save everyone time; bring clarity; make room for deep work; show who really listens; teach more than any course
bad: could have been an email; fill the calendar; start ten minutes late; drain the whole afternoon
who: my manager; colleagues; the new hire; recruiters; clients; the whole team; freelancers
where: at the office; on a video call; in the open-plan office; at my desk; in the break room
img: a clock above the door; grey light on screens; chairs pushed back at six; a train full of tired shoes
tag: work; career; leadership; productivity; teamwork
one: remote work; a job interview; the Monday meeting; teamwork; leadership; burnout at work; the commute; a promotion; networking; time management; delegation; feedback; small talk; overtime; freelancing; a startup; my first job; quitting; the open office; the coffee machine; public speaking; customer support; project management; marketing; sales; accounting; teaching; nursing; plumbing; farming; an internship; a layoff; retirement; work-life balance; office politics; a four-day week; documentation; imposter syndrome; mentoring; negotiation; my boss; the dress code; volunteering; hiring; onboarding; product design; user research; firefighting; a career change; inbox zero
many: meetings; deadlines; Mondays; job interviews; emails; performance reviews; coworkers; managers; standups; lunch breaks; resumes; team lunches; teachers; electricians; bus drivers; carpenters; business trips; side projects; office plants; status reports; name tags; quarterly goals; founders
mods: a bad; a good; remote; a weekly; my last; a difficult; a short; effective; the first
heads: meeting; manager; team; interview; deadline; presentation; workshop; office; contract; email
== home
kind: household thing; chore; piece of furniture; room
do: fix; clean; organize; move; find; replace
part: corners; smell; dust; missing screw; instructions; mess; old paint; squeaky hinge; stains; label; quiet after; noise; hidden drawer
act: read the instructions twice; find a lost sock; fold the towels; call the plumber; move the sofa; open a strange drawer; throw away three bags; blame the cat; vacuum under the bed; hang a picture crooked
adj: cozy; practical; tidy; stubborn; humble; useful; comforting; old-fashioned
neg: dusty; never finished; squeaky; in the wrong place; surprisingly heavy
good: make the flat feel like home; hold everything together; outlive three apartments; look better after a good scrub; bring order to the week
bad: multiply overnight; break on a Sunday; hide behind the couch; need a tool nobody owns
who: my roommate; the landlord; my parents; the plumber; the neighbours upstairs
where: in the hallway; in the kitchen; under the bed; in the attic; on the balcony
img: warm light under a door; folded sheets like snow; a key turning; dust dancing in the hall
tag: home; cozyhome; cleaning; homelife; interiors
one: laundry; the dishwasher; ironing; a new apartment; the attic; my desk; the couch; moving house; an old armchair; the basement; the junk drawer; dusting; vacuuming; flat-pack furniture; interior design; minimalism; decluttering; wallpaper; the washing machine; my kitchen table; a leaking tap; the fireplace; a rug; my bookshelf; the front door; the bathtub; the balcony; a power outage; the doorbell; the fridge; home renovation; an alarm clock; the mailbox
many: dirty dishes; houseguests; curtains; lost keys; moving boxes; pillows; blankets; noisy neighbours; light bulbs; missing socks; old photos; coat hangers; cardboard boxes; roommates; stairs; chairs; windows; towels
mods: a broken; an old; a squeaky; my grandmother's; a wooden; a leaking; a new; the smallest; a dusty
heads: chair; lamp; sofa; door; window; table; mirror; cupboard; roof; clock; kettle; bathroom
== garden
kind: plant; flower; tree; garden project
do: plant; water; grow; prune; buy; repot
part: roots; first leaf; petals; soil; scent; buds; thorns; pot; watering schedule; slow growth; colour; seeds; shade; blossoms
act: dig a small hole; water it too much; talk to the leaves; pull some weeds; move the pot to the window; fight the slugs; share a cutting; get dirt under my nails; wait for spring; label every pot; read the seed packet
adj: lush; patient; hardy; fragrant; green; delicate; stubborn; blooming
neg: thirsty; slow; full of slugs; dramatic about light
good: grow while nobody watches; feed the bees; forgive a missed week; make the balcony feel like a jungle; teach me to wait; ask for water and little else
bad: wilt the moment I leave; drop leaves in protest; attract every slug in town; hate my window
who: gardeners; my grandfather; the neighbours; bees; the flower shop
where: in the garden; on the windowsill; on the balcony; in the greenhouse; in the shade
img: a bud holding its breath; soil dark after rain; bees writing in the air; a leaf opening like a hand
tag: gardening; plants; garden; growyourown; green
one: gardening; composting; a cactus; lavender; ivy; a bonsai; bamboo; my monstera; the lawn; a vegetable patch; mint; a rose garden; the apple tree; a greenhouse; jasmine; an orchid; a fern; the cherry blossom; a community garden; rewilding; mulch; thyme; weeding; an herb garden; permaculture; urban gardening; moss in the garden
many: roses; sunflowers; orchids; cacti; succulents; houseplants; daffodils; daisies; lilies; weeds; herbs; trees; oak trees; tomato plants; peonies; hydrangeas; dandelions; ferns; raised beds; seedlings; violets; poppies; geraniums; earthworms; garden gnomes; bulbs
mods: a wild; a tiny; a balcony; a dying; indoor; an indoor; a rooftop; my first; a shady
heads: garden; rose; tree; cactus; hedge; orchard; fern; palm; plant; flower bed
== transport
kind: way to travel; vehicle; machine; means of transport
do: take; ride; catch; repair; drive; miss
part: window seat; engine; timetable; brakes; ticket; seats; delay; wheels; luggage rack; sound; platform; headlights; bell; view outside
act: run for the last one; sit by the window; change a tire; miss a connection; read the timetable twice; pack too much; fall asleep on the way; talk with the conductor; take the scenic route; forget my ticket
adj: reliable; slow; noisy; elegant; green; affordable; fast; rusty; comfortable
neg: late; crowded; loud; expensive to fix; always full
good: get me there in the end; turn the journey into the point; beat the traffic; run on time, mostly; give me an hour to read; connect small places
bad: leave one minute early; smell of wet coats; break down in the rain; stop for no reason
who: commuters; the driver; the conductor; mechanics; cyclists; passengers
where: at the station; on the road; on the platform; at the crossing; in the garage
img: rails shining after rain; a bell in the fog; headlights like pearls; fields sliding by
tag: travel; commute; onthemove; transport; roadtrip
one: the night train; my bicycle; the subway; the bus; a road trip; public transport; a ferry; air travel; the airport; a motorcycle; a sailboat; an old tram; my first car; an electric car; the Trans-Siberian Railway; a canoe; hitchhiking; carpooling; the Orient Express; traffic; parking; a hot air balloon; a steam train; a taxi; the elevator; a cable car; a cargo bike; high-speed rail; a submarine; the parking lot; a long flight; jet lag
many: trains; bicycles; buses; electric cars; airplanes; ferries; trams; motorcycles; traffic jams; helicopters; steam engines; bike lanes; trucks; taxis; airports; train stations; layovers; potholes; bridges; spaceships; canals
mods: a slow; a rusty; a red; a vintage; my old; an electric; a crowded; a flying; a toy; a delayed
heads: train; bus; bicycle; car; boat; plane; tram; truck; van; tractor; ship
== event
kind: holiday; celebration; family event; tradition
do: celebrate; plan; enjoy; remember; host; skip
part: music; cake; invitations; decorations; speeches; guest list; photos; long table; awkward uncle; candles; leftovers; gifts; seating plan; late arrivals
act: wrap the gifts badly; dance with my aunt; write a short speech; burn the roast; send the invitations late; hang up the lights; hug everyone twice; blow out the candles; clean up until midnight; take a blurry group photo
adj: joyful; chaotic; warm; loud; memorable; cozy; festive; simple
neg: stressful; expensive; too loud; over too soon
good: bring the whole family together; fill the house with noise; make strangers dance; give us a reason to cook; turn into stories for years
bad: cost a fortune; start with a family argument; end with dirty dishes; come around too fast
who: my cousins; the whole family; the guests; my grandmother; the kids; old friends
where: at the long table; in the garden; in the town square; at my parents' house; on the dance floor
img: candles leaning in the draught; paper lanterns swaying; a table too small for love; confetti in the gutter
tag: celebration; family; party; holiday; memories
one: Christmas; Halloween; Easter; New Year's Eve; Thanksgiving; Diwali; Hanukkah; Ramadan; a birthday; my birthday; a wedding; my best friend's wedding; graduation; a family reunion; Valentine's Day; Mother's Day; Father's Day; a baby shower; a housewarming party; the summer fair; Carnival; Oktoberfest; the school play; a picnic; a barbecue; a surprise party; Lunar New Year; a first date; Black Friday; April Fools' Day; a funeral; Sunday dinner; a potluck; a garage sale; the first day of school
many: birthdays; weddings; fireworks; family dinners; Christmas lights; picnics; Halloween costumes; birthday parties; reunions; holidays; Sunday roasts; surprise parties; road trips with family; gifts; anniversaries; family photos
mods: a small; a winter; a family; an office; a quiet; a late; a children's; a neighbourhood; a summer; a surprise
heads: wedding; party; dinner; picnic; festival; birthday; parade; barbecue; holiday; concert
== feeling
kind: feeling; virtue; idea; habit of mind; part of being human
do: think about; talk about; practise; learn about; accept; understand
part: quiet side; small signs; cost; first step; lesson; strength; fear behind it; honest version; timing; gift; other side
act: ask for help; tell the truth; write it down; call an old friend; wait one more day; forgive myself; start small; change my mind; listen more than I speak; sit with the silence; try again
adj: human; powerful; fragile; rare; honest; underrated; quiet; necessary
neg: uncomfortable; overrated; hard to share; easy to fake
good: grow when shared; take practice; change the whole room; start very small; make us braver; show up when nobody is watching; need no audience
bad: arrive uninvited; look easy from outside; keep people awake; hide behind jokes
who: a good friend; my mother; strangers; wise people; children; my therapist
where: in small moments; between friends; at the kitchen table; in the quiet; on hard days
img: a door left open; a hand on a shoulder; light under the door; a stone warmed by the sun
tag: mindset; growth; life; reflection; kindness
one: patience; kindness; courage; failure; success; friendship; love; loneliness; happiness; hope; grief; gratitude; curiosity; boredom; ambition; jealousy; trust; honesty; forgiveness; nostalgia; silence; luck; regret; freedom; change; doubt; humour; laughter; ageing; childhood; growing up; being wrong; saying no; letting go; perfectionism; doing nothing; homesickness; beauty; wisdom; empathy; discipline; confidence; solitude; motivation; creativity; simplicity; waiting; listening; home; memory and time; getting older; starting over; asking for help; common sense
many: mistakes; memories; dreams; promises; secrets; old friends; second chances; first impressions; small joys; bad days; fears; goals; new beginnings; good intentions; excuses; white lies; goodbyes; compliments; strangers; expectations; awkward silences
mods: everyday; quiet; true; blind; sudden; lasting; shared; healthy; childlike; radical
heads: kindness; patience; courage; trust; curiosity; joy; hope; doubt; honesty; pride
== school
kind: subject; skill; course; exam; foreign language
do: study; learn; teach; practise; pass; enjoy
part: first lesson; homework; grammar; flash cards; exam; notes; textbook; teacher; tricky rules; pronunciation; group project; back row; good grades; final question
act: repeat it out loud; make flash cards; cram the night before; ask a silly question; fill a whole notebook; forget the answer; form a study group; raise my hand; practise for ten minutes; mix up two words; help a classmate
adj: useful; demanding; rewarding; eye-opening; tricky; fun; logical; worth it
neg: confusing; dry; full of exceptions; badly taught
good: open doors; get easier with practice; stay with you for life; make the brain sweat; sound beautiful when spoken; show how much there is to learn
bad: vanish from memory after the exam; start at eight in the morning; scare half the class; come with too much homework
who: my teacher; students; classmates; parents; my tutor; lifelong learners
where: in class; at the library; in the exam hall; at the language café; in the back row
img: chalk dust in the sun; a bell down the corridor; pencils tapping; a page full of crossings-out
tag: learning; education; students; study; school
one: Spanish; French; German; Italian; Japanese; Mandarin; Korean; Arabic; Latin; Polish; Russian; Portuguese; Swedish; Dutch; English; sign language; Esperanto; algebra; geography; spelling; homework; the final exam; a PhD; university; kindergarten; high school; studying abroad; group work; speed reading; mental arithmetic; lifelong learning; an online course; my thesis; a spelling bee; the school bus; homeschooling; note taking; physics class; art class; music class; gym class; critical thinking; learning to drive; learning to swim; learning to cook; touch typing
many: exams; flash cards; teachers' meetings; school trips; online courses; textbooks; math problems; irregular verbs; languages; lectures; study groups; report cards; spelling mistakes; group projects; essays; school uniforms; student loans
mods: beginner; intermediate; business; an online; evening; advanced; a short; a free; self-taught
heads: Spanish; French; German; English; algebra; grammar; course; statistics; class; Japanese
== money
kind: money habit; financial topic; kind of shopping
do: plan; understand; avoid; compare; track; talk about
part: small print; monthly total; hidden fees; receipt; discount; budget; interest; price; envelope; spreadsheet; fine print; first year
act: check the receipt; write down every coin; cancel a subscription; wait a day before buying; compare three offers; cook at home; sell an old bike; read the small print; pay the bill early; open the scary envelope
adj: sensible; boring; freeing; long-term; practical; simple; clear
neg: expensive; stressful; confusing; full of fees
good: pay off slowly; buy peace of mind; turn small steps into a safety net; reward patience; fit on one page
bad: eat the whole paycheck; hide in the small print; tempt me at midnight; grow when ignored
who: my accountant; the bank; my parents; students; careful people
where: at the bank; at the checkout; in the spreadsheet; in the small print; at the flea market
img: coins counted twice; a jar filling slowly; receipts like fallen leaves; a light left on for the bills
tag: money; budget; savings; finance; frugal
one: saving money; a budget; inflation; the stock market; rent; taxes; my tax return; credit card debt; online shopping; thrift shopping; investing; compound interest; a garage sale find; tipping; the grocery bill; window shopping; the piggy bank; a mortgage; pocket money; crowdfunding; a flea market; bargain hunting; insurance; cryptocurrency; an emergency fund; cash; fast fashion; the lottery
many: coupons; subscriptions; flea markets; taxes and fees; bills; discounts; second-hand clothes; impulse buys; receipts; price tags; credit cards; shopping lists; vending machines; gift cards
mods: student; monthly; family; household; hidden; personal; smart; weekly
heads: budget; savings; debt; shopping; spending; finance; rent; insurance
== object
kind: thing; object; everyday thing; little object
do: carry; find; lose; use; keep; describe
part: shape; weight; colour; sound; history; handle; inventor; scratches; smell; smallest detail; packaging; simple design
act: leave it on the bus; find an old one; borrow one from a neighbour; search every pocket; draw a quick sketch; give it away; buy a spare; put it in the wrong bag; clean it at last; invent a new use
adj: simple; sturdy; useful; lovely; ordinary; clever; trusty; forgotten
neg: easy to lose; impractical; always missing; slightly broken
good: do one job well; outlast every trend; fit any pocket; wait patiently in a drawer; remind me of someone; need no update
bad: disappear when needed; break at the worst time; gather in drawers; roll under the sofa
who: collectors; my grandfather; designers; the lost and found; travellers
where: in my pocket; in a drawer; on the shelf; at the flea market; at the bottom of my bag
img: a small shine in the drawer; worn edges; a shape the hand remembers; dust and a little gold
tag: everyday; design; smallthings; simple; objects
one: the umbrella; my favourite mug; the pencil; a paperclip; the zipper; a wooden spoon; my backpack; the stapler; a rubber duck; duct tape; the safety pin; a fountain pen; a pocket knife; the toothbrush; a candle; an old map; a postcard; the paper bag; a compass; the wheel; a shoelace; the fork; a button; the spoon; a hammer; sticky tape; a kite; my wallet; a teapot; the ladder; a snow globe; bubble wrap; a notebook; the bench in the park; a whistle; an hourglass
many: socks; umbrellas; pencils; buttons; sunglasses; hats; shoes; sticky notes; scissors; stickers; gloves; envelopes; postage stamps; coins; mirrors; maps; marbles; balloons; paper cups; rubber bands; spoons; clocks; teapots; bricks; ladders; pockets; magnets on the fridge; toothpicks; boots; keychains; bells
mods: a lost; a green; a yellow; a rusty; a tiny; a golden; a plastic; a striped; a heavy; a wooden; a paper
heads: umbrella; hat; pencil; key; button; ladder; bucket; spoon; coat; bell; sock; bottle; blanket; box; shoe; rope
headsp: umbrellas; shoes; buttons; keys; hats; boxes
== thing
kind: thing; idea; project; topic
do: think about; talk about; look into; write about; read about; try
part: name; story behind it; first impression; details; simple idea; small surprises; community; strange side; history; questions; basics; good parts
act: ask a few people; take some notes; look it up; change my mind; start from the beginning; explain it to a friend; give it a chance; make a short list; keep an open mind; share what I know
adj: interesting; unusual; underrated; charming; surprising; strange; memorable; curious
neg: confusing; hard to explain; easy to overlook; not for everyone
good: grow on you; raise good questions; deserve a closer look; stick in the mind; surprise people; make me smile
bad: confuse everyone at first; come with no manual; take some getting used to; sound made up
who: friends; curious people; experts; beginners; fans; my coworkers
where: online; at dinner; in the group chat; over coffee; on the way home
img: a word on the tip of the tongue; a small light far away; a question left on the table; an echo in the hall
tag: thoughts; curious; ideas; today; random
one: bicycles on the moon; the colour blue; the letter Q; a talking lamp; the number seven; left-handed people; Tuesday; midnight; dust; shadows on a wall; the word moist; the middle seat; small print; elevator music; a lost balloon; the last biscuit; yellow; purple; the end of the world; conspiracy theories; nothing; everything; the future; the past; pirates; ninjas; robots on Mars; time travel; unicorns; dragons; ghosts; aliens; superheroes
many: twins; left turns; echoes; nicknames; queues; giants; wizards; mermaids; knights; vampires; zombies; emojis; rumours; tall people; accents
"""


def _split(text):
    return [item.strip() for item in text.split(";") if item.strip()]


def load():
    """{category: {key: [items]}} in the order above."""
    categories = {}
    for line in BLOCKS.strip().splitlines():
        if line.startswith("== "):
            current = categories.setdefault(line[3:].strip(), {})
        else:
            key, _, items = line.partition(":")
            current[key] = _split(items)
    for name, category in categories.items():
        for key in ("kind", "do", "part", "act", "adj", "neg", "good", "bad", "who", "where", "img", "tag", "one", "many"):
            assert category.get(key), f"{name}: no {key}"
        for key in ("mods", "heads", "headsp"):
            category.setdefault(key, [])
    return categories


# Never in the training text, alone or inside another subject. (text, plural, category it belongs to)
HELD_OUT = [
    ("Haskell", False, "language"), ("Kotlin", False, "language"), ("the Zig programming language", False, "language"),
    ("Ansible playbooks", True, "tool"), ("a command line calendar", False, "tool"), ("smart glasses", True, "gadget"),
    ("a pocket projector", False, "gadget"), ("ramen", False, "dish"), ("lemon meringue pie", False, "dish"),
    ("rice pudding", False, "dish"), ("dandelion tea", False, "drink"), ("apricots", True, "produce"),
    ("my aunt's dog", False, "pet"), ("gerbils", True, "pet"), ("hedgehogs", True, "wildlife"), ("otters", True, "wildlife"),
    ("snowy owls", True, "wildlife"), ("Lisbon", False, "city"), ("Iceland", False, "city"), ("a weekend in Ghent", False, "city"),
    ("Lake Baikal", False, "nature"), ("glaciers", True, "nature"), ("a swamp", False, "nature"), ("badminton", False, "sport"),
    ("women's rugby", False, "sport"), ("kayaking", False, "sport"), ("tai chi", False, "health"), ("crochet", False, "craft"),
    ("origami", False, "craft"), ("wooden whistles", True, "craft"), ("a pirate card game", False, "game"), ("the cello", False, "music"),
    ("a local brass band", False, "music"), ("a forgotten novella", False, "book"), ("limericks", True, "book"),
    ("Hitchcock movies", True, "film"), ("astronomy", False, "science"), ("wave mechanics", False, "science"),
    ("a foggy Thursday", False, "weather"), ("whistleblowing", False, "work"), ("a weekly retrospective", False, "work"),
    ("a squeaky floor", False, "home"), ("tulips", True, "garden"), ("a rusty tandem", False, "transport"), ("a school dance", False, "event"),
    ("procrastination", False, "feeling"), ("beginner Welsh", False, "school"), ("pension plans", True, "money"),
    ("a striped parasol", False, "object"), ("velcro", False, "object"),
]
