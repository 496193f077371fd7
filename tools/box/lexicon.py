"""What the posts are about: categories and their subjects. What can be said of each category stands in stories.py.

One block a category. Lists are separated by semicolons. Keys:
  kind      what to call it ("a small programming language called X")
  tag       hashtags
  one, many subjects taking a singular or a plural verb
  mods, heads, headsp   compose further subjects: "mod head", singular or plural
"""

BLOCKS = """
== language
kind: programming language; language; scripting language; compiled language
tag: coding; programming; developers; code; software
one: Python; Rust; Go; Elixir; Erlang; Ruby; JavaScript; TypeScript; C; C++; Java; Scala; Clojure; Swift; Dart; Lua; Perl; PHP; Julia; Elm; Gleam; Nim; Crystal; Prolog; Scheme; Common Lisp; Racket; Fortran; COBOL; Ada; Pascal; Smalltalk; Forth; Assembly; SQL; Bash; PowerShell; Visual Basic; Groovy; Idris; Agda; Lean; PureScript; ReasonML; Solidity; Apex; Tcl; AWK; MATLAB; APL; Odin; Mojo; Objective-C; Eiffel; Raku; functional programming; pattern matching; recursion; object-oriented code; metaprogramming; type inference; garbage collection
many: closures; macros; pointers; generics; monads; regular expressions; coroutines; unit tests; compilers; lambdas; iterators
mods: modern; advanced; idiomatic; functional; embedded; old; server-side
heads: Python; Rust; Elixir; JavaScript; Ruby; Java code; Go code; Lisp; SQL; C code
== tool
kind: developer tool; framework; database; command line tool; library
tag: devtools; opensource; devops; tech; coding
one: Git; Docker; Kubernetes; Postgres; SQLite; Redis; Vim; Emacs; VS Code; Linux; nginx; Terraform; Ansible; Jenkins; GitHub; GitLab; React; Django; Rails; Phoenix; Flask; Spring Boot; Node; Svelte; Angular; Tailwind; Webpack; Kafka; MongoDB; Grafana; Prometheus; Excel; Notion; Slack; Figma; Blender; CMake; Bazel; Nix; Homebrew; tmux; curl; Jupyter; PyTorch; pandas; Livebook; LaTeX; Markdown; GraphQL; Kibana; open source; version control; continuous integration; code review; the command line; our build system; static analysis; test automation
many: spreadsheets; databases; microservices; containers; web browsers; text editors; dashboards; APIs; backups; dotfiles; pull requests; dependencies; log files; merge conflicts; chatbots
mods: a new; a tiny; an open source; an in-house; a cloud; a self-hosted; a mobile; a plain; a free
heads: database; text editor; note app; password manager; task tracker; search engine; web server; calendar app; backup script
== gadget
kind: gadget; device; machine; piece of tech
tag: tech; gadgets; technology; innovation; devices
one: artificial intelligence; virtual reality; 3D printing; my smartphone; the smart fridge; a mechanical keyboard; my old laptop; the robot vacuum; a smartwatch; an e-reader; wireless charging; home automation; the internet; the printer; the microwave; a label maker; solar power; quantum computing; machine learning; a flip phone; the cloud; cybersecurity; the first computer; a vintage radio; facial recognition; augmented reality; the calculator; a typewriter; a film camera
many: robots; drones; headphones; passwords; smartphones; electric scooters; laptops; smart speakers; tablets; game consoles; batteries; chargers; video calls; webcams; wearables; language models; satellites; self-driving cars; solar panels; computers; printers; keyboards
mods: a smart; a wireless; a broken; a portable; a tiny; a second-hand; an electric; a foldable; a retro
heads: speaker; camera; keyboard; phone; lamp; toothbrush; monitor; thermostat; doorbell; tablet; charger; watch; headset
== dish
kind: dish; recipe; meal; dessert
tag: food; cooking; homemade; recipes; foodie
one: pizza; sushi; lasagna; sourdough bread; banana bread; paella; risotto; curry; pho; chili; goulash; borscht; ratatouille; apple pie; cheesecake; tiramisu; gelato; ice cream; fried rice; hummus; guacamole; shakshuka; moussaka; biryani; kimchi; miso soup; tomato soup; chicken soup; French toast; granola; porridge; oatmeal; chocolate cake; carrot cake; baklava; gumbo; clam chowder; ceviche; focaccia; meatloaf; shepherd's pie; mac and cheese; pasta carbonara; pad thai; fondue; bread pudding; gingerbread; popcorn; chocolate; breakfast; brunch; street food; leftover pizza; peanut butter; butter chicken; my first loaf of bread; garlic bread; potato salad; the school lunch; home cooking; baking
many: tacos; dumplings; pancakes; waffles; burritos; croissants; bagels; pretzels; meatballs; noodles; fries; scrambled eggs; cookies; brownies; cupcakes; donuts; macarons; empanadas; pierogi; samosas; falafels; spring rolls; burgers; sandwiches; hot dogs; nachos; muffins; cinnamon rolls; scones; fish fingers; roast potatoes; pickles; school lunches
mods: pumpkin; lemon; mushroom; cherry; spinach; walnut; onion; blueberry; chicken; lentil; vegan; coconut; honey; grilled; spicy; cheap; cold; leftover; apple; peach
heads: pie; soup; stew; salad; pasta; curry; risotto; cake; bread; casserole; pudding; omelette; pizza; tart; jam
headsp: dumplings; tacos; noodles; muffins; cookies; pancakes; skewers; rolls
== drink
kind: drink; brew; beverage
tag: coffee; tea; drinks; morning; café
one: coffee; tea; green tea; espresso; matcha; hot chocolate; lemonade; orange juice; kombucha; iced coffee; chai; mint tea; cold brew; apple cider; sparkling water; tap water; root beer; oat milk; milk; a cappuccino; decaf; mulled wine; beer; ginger ale; bubble tea; black coffee; craft beer; red wine; the office coffee
many: smoothies; cocktails; milkshakes; coffee breaks; energy drinks; tea bags; lattes
mods: ginger; peppermint; iced; cold; homemade; cheap; peach; herbal; vanilla; hot
heads: tea; coffee; lemonade; juice; latte; soda; punch
== produce
kind: fruit; vegetable; ingredient; spice
tag: fresh; food; seasonal; healthy; market
one: garlic; ginger; basil; cinnamon; broccoli; cauliflower; spinach; kale; cabbage; rhubarb; corn; rice; olive oil; honey; cheese; butter; salt; black pepper; tofu; parsley; rosemary; watermelon; pineapple; celery; fennel; lettuce; turmeric; vanilla; the avocado
many: apples; pears; bananas; strawberries; cherries; mangoes; lemons; oranges; peaches; grapes; tomatoes; potatoes; carrots; onions; mushrooms; pumpkins; cucumbers; beans; lentils; olives; walnuts; almonds; figs; plums; raspberries; blueberries; sweet potatoes; peppers; beets; radishes; chestnuts; eggs; avocados; leeks; peas; artichokes
mods: wild; organic; dried; ripe; frozen; local; roasted; fresh; purple
heads: garlic; basil; corn; honey; fennel
headsp: apples; tomatoes; mushrooms; cherries; onions; potatoes; berries; carrots
== pet
kind: pet; animal; breed
tag: pets; animals; petsofinstagram; adoptdontshop; cute
one: my cat; my dog; the neighbour's cat; a rescue dog; our puppy; my hamster; a goldfish; the parrot; my rabbit; an old dog; the kitten; a golden retriever; a pug; my grandma's canary; a tortoise; dog training; cat food; walking the dog; adopting a cat
many: cats; dogs; puppies; kittens; hamsters; guinea pigs; goldfish; parrots; rabbits; ferrets; corgis; poodles; rescue dogs; budgies; dachshunds; beagles; greyhounds; ponies; cat videos; dog walks; therapy dogs
mods: a lazy; an old; a noisy; a tiny; my sister's; a grumpy; a very fat; my neighbour's; a clever
heads: cat; dog; parrot; rabbit; hamster; puppy; pony; goldfish
headsp: cats; dogs; hamsters; puppies
== wildlife
kind: animal; bird; creature; insect; species
tag: nature; wildlife; animals; conservation; outdoors
one: the blue whale; the octopus; the fox in our street; an owl; the honey badger; a lone wolf; birdwatching; the platypus; the axolotl; the snow leopard; a hummingbird; the kingfisher; a spider in the bathroom; wildlife photography; a red panda; the bumblebee; bird song; the giant squid; the dodo
many: penguins; bees; bumblebees; elephants; dolphins; whales; sharks; owls; crows; pigeons; foxes; wolves; bears; squirrels; butterflies; spiders; ants; frogs; snakes; turtles; llamas; sloths; koalas; kangaroos; giraffes; lions; tigers; pandas; octopuses; jellyfish; fireflies; ravens; sparrows; swans; ducks; geese; flamingos; eagles; bats; beavers; moose; deer; seals; crabs; lobsters; starfish; dragonflies; ladybugs; snails; camels; goats; sheep; cows; chickens; donkeys; horses; seagulls; badgers; raccoons; meerkats; capybaras; woodpeckers; storks; dinosaurs
mods: wild; baby; urban; night; snow; mountain; river; forest; arctic; desert; striped
headsp: owls; foxes; bees; frogs; wolves; goats; turtles; crows; ducks; bears; seals; spiders
== city
kind: city; town; country; village; capital; region
tag: travel; wanderlust; citybreak; explore; travelgram
one: Paris; London; Tokyo; Berlin; Rome; Madrid; Barcelona; Vienna; Prague; Budapest; Warsaw; Athens; Istanbul; Cairo; Marrakech; Nairobi; Cape Town; Lagos; Mumbai; Delhi; Bangkok; Hanoi; Singapore; Hong Kong; Seoul; Kyoto; Osaka; Sydney; Melbourne; Auckland; New York; Chicago; Boston; Seattle; San Francisco; Los Angeles; Toronto; Montreal; Vancouver; Mexico City; Havana; Bogota; Lima; Buenos Aires; Rio de Janeiro; Santiago; Copenhagen; Stockholm; Oslo; Helsinki; Amsterdam; Brussels; Dublin; Edinburgh; Zurich; Munich; Hamburg; Venice; Florence; Naples; Porto; Seville; Krakow; Riga; Reykjavik; France; Italy; Spain; Germany; Poland; Japan; India; Brazil; Canada; Mexico; Portugal; Norway; Sweden; Greece; Turkey; Egypt; Morocco; Kenya; Vietnam; Thailand; Peru; Chile; Australia; New Zealand; Scotland; Ireland; Texas; California; Sicily; Bavaria; my hometown; the old harbour; downtown; the suburbs; a small village; the capital
many: small towns; big cities; old bridges; night markets; border towns; suburbs; the side streets
mods: old; rainy; sunny; little; faraway; sleepy
heads: Paris; Rome; Tokyo; Berlin; Vienna; London; Mexico City; Dublin; Athens; Kyoto; Prague; Oslo; Seattle; Naples; Cairo
== nature
kind: place; landscape; natural wonder; lake; mountain; trail
tag: nature; hiking; outdoors; getoutside; landscape
one: the ocean; the forest; the desert; the beach; the mountains at dawn; the night sky; a waterfall; the river; the Alps; the Sahara; the Amazon; Yellowstone; Yosemite; Mount Fuji; Everest; the Grand Canyon; Lake Como; the Black Forest; the North Sea; the Baltic Sea; the jungle; a coral reef; the tundra; camping; a sunrise; the sunset; moss; an old oak; the sea; the northern lights; the moon; a meadow; the countryside; a volcano; the coast; stargazing; a hidden cave; the tide; the prairie; a rainbow
many: mountains; forests; rivers; lakes; caves; cliffs; waterfalls; islands; clouds; stars; volcanoes; national parks; sand dunes; wildflowers; pine trees; sunsets; sunrises; hiking trails; icebergs; wetlands; tides; rainbows; shooting stars
mods: a frozen; a quiet; a hidden; a windy; a foggy; the old; a distant; the northern
heads: lake; river; valley; forest; beach; island; canyon; trail; mountain; meadow; bay; hill
== sport
kind: sport; game; team sport; race
tag: sports; training; teamwork; fitness; gameday
one: football; soccer; basketball; tennis; table tennis; volleyball; rugby; cricket; baseball; hockey; ice hockey; golf; swimming; surfing; skiing; snowboarding; skateboarding; cycling; running; marathon running; boxing; judo; karate; fencing; archery; rowing; sailing; climbing; bouldering; gymnastics; wrestling; handball; water polo; curling; figure skating; triathlon; horse riding; darts; bowling; squash; lacrosse; parkour; diving; the World Cup; the Olympics; the Tour de France; a marathon; my first 10k; sprinting; long jump; skydiving; ultimate frisbee; roller derby
many: penalty kicks; sports fans; marathons; referees; running shoes; away games; free throws; ski lifts; team captains; rest days
mods: beach; women's; indoor; amateur; street; winter; school; Sunday; night; youth
heads: football; volleyball; running; tennis; hockey; basketball; cycling; climbing; cricket; sailing
== health
kind: habit; practice; routine; exercise
tag: wellness; health; selfcare; habits; mindfulness
one: yoga; meditation; sleep; stretching; pilates; walking; hydration; mental health; physical therapy; a cold shower; the dentist; fasting; journaling; mindfulness; good posture; stress; weight training; breathing; a morning routine; burnout; insomnia; hay fever; the common cold; sunscreen; therapy; a healthy breakfast; screen time; recovery; flossing; vitamin D; napping; a digital detox; back pain; first aid; quitting sugar
many: naps; push-ups; vitamins; headaches; daily walks; squats; pull-ups; allergies; bad habits; early mornings; rest days; dentists; nurses; small habits; glasses
mods: morning; evening; daily; ten minutes of; chair; beginner; office; outdoor; mindful; postnatal
heads: yoga; meditation; stretching; walking; breathing; exercise; pilates
== craft
kind: hobby; craft; handicraft
tag: handmade; diy; crafts; creative; hobby
one: knitting; pottery; woodworking; sewing; embroidery; quilting; photography; painting; watercolor; drawing; calligraphy; sketching; weaving; candle making; soap making; leatherwork; scrapbooking; model building; beekeeping; bookbinding; jewelry making; macrame; glassblowing; blacksmithing; fishing; stamp collecting; coin collecting; genealogy; juggling; magic tricks; whittling; kite flying; lockpicking; paper folding; furniture restoration; street photography; pixel art; digital art; sculpture; lettering; darning socks; tie-dye; home brewing; metal detecting; geocaching
many: model trains; handmade cards; quilts; candles; scarves; friendship bracelets; paper planes; wooden spoons; puppets; sketchbooks; jigsaw puzzles; oil paints; miniature houses
mods: wool; wooden; beginner; tiny; recycled; paper; leather; ceramic; digital; glass
heads: weaving; sculpture; jewelry; embroidery; carving; painting; printing
headsp: toys; bowls; boxes; ornaments; birds; boats
== game
kind: game; board game; video game; card game; puzzle
tag: gaming; games; gamenight; boardgames; gamer
one: chess; checkers; backgammon; poker; Go the board game; Tetris; Minecraft; Zelda; Mario Kart; Pac-Man; Monopoly; Scrabble; Catan; Sudoku; solitaire; Dungeons and Dragons; hide and seek; bridge; mahjong; charades; Pong; Stardew Valley; Tekken; SimCity; Age of Empires; Animal Crossing; a crossword; a quiz night; pinball; speedrunning; game design; a chess opening; the final boss; laser tag; Jenga; Uno; hopscotch; a treasure hunt; dominoes; tag
many: board games; video games; card games; puzzles; escape rooms; arcade games; riddles; crosswords; cheat codes; text adventures; indie games; loot boxes; chess clubs; word games; yo-yos; trading cards
mods: a retro; a cooperative; a new; an online; a cheap; a pirate; a space; a detective; a farming; a two-player
heads: game; board game; puzzle; card game; quiz; adventure; simulator; escape room
== music
kind: instrument; band; song; genre; style of music
tag: music; nowplaying; livemusic; musician; playlist
one: jazz; blues; rock music; punk; reggae; hip hop; techno; opera; folk music; country music; classical music; the piano; the guitar; the violin; the drums; the trumpet; the saxophone; the flute; the ukulele; the harp; the accordion; the banjo; a choir; karaoke; vinyl; heavy metal; salsa; bluegrass; ambient music; Mozart; Bach; Beethoven; the Beatles' last album; a love song; Eurovision; music theory; singing; beatboxing; a new playlist; songwriting; the bagpipes; the theremin; a street band; perfect pitch; disco; flamenco; tango; ballet; dancing; synth pop; film music; lo-fi; the radio; a music festival
many: vinyl records; concerts; music festivals; synthesizers; earworms; love songs; drum solos; playlists; choirs; guitar solos; music lessons; mixtapes; lullabies; marching bands; cover bands
mods: an old; a sad; a slow; a quiet; a strange; a forgotten; a short; a famous
heads: song; band; orchestra; choir; ballad; symphony; waltz; piano piece; guitar solo; drum solo; lullaby
== book
kind: book; novel; author; genre; kind of writing
tag: books; reading; bookstagram; writing; amreading
one: poetry; science fiction; fantasy; Shakespeare; Tolstoy; Kafka; Jane Austen; Agatha Christie; Moby Dick; Don Quixote; The Hobbit; Dune; Frankenstein; Dracula; Hamlet; Sherlock Holmes; the library; my library card; a good memoir; a cookbook; the dictionary; a book club; creative writing; a short story; my first novel; a haiku; journalism; blogging; the encyclopedia; an audiobook; a fairy tale; mythology; Greek mythology; proofreading; editing; storytelling; grammar; the semicolon; handwriting; translation; writer's block; a bookshop
many: libraries; novels; poems; comics; fairy tales; audiobooks; detective novels; short stories; footnotes; diaries; ghost stories; biographies; love letters; manga; book covers; public libraries; haikus; sonnets; semicolons; newsletters; bookmarks
mods: a forgotten; a borrowed; a historical; a short; a Russian; a romantic; a long; a mysterious; a thick; an old
heads: novel; poem; story; memoir; diary; biography; play; comic
== film
kind: film; show; series; artwork; painter; museum
tag: film; cinema; movies; art; nowwatching
one: Star Wars; Casablanca; The Godfather; Jaws; Titanic; the cinema; a silent film; film noir; documentary film; theater; improv comedy; stand-up comedy; Van Gogh; Picasso; Frida Kahlo; Monet; modern art; street art; the museum; the Mona Lisa; an art exhibition; animation; stop motion; Studio Ghibli; a soap opera; reality TV; the news; a romantic comedy; architecture; graffiti; fashion; abstract art; a bad sequel; a puppet show; the circus; musical theater
many: movies; documentaries; westerns; horror movies; musicals; cartoons; sequels; trailers; superhero movies; podcasts about film; museums; murals; portraits; TV shows; old movies; plot twists; subtitles; film festivals; sculptures
mods: a French; a silent; a bad; a low-budget; an animated; a classic; a scary; a black-and-white; a Korean
heads: film; movie; comedy; thriller; documentary; series; western; musical
== science
kind: science; field; theory; phenomenon; idea from physics
tag: science; research; stem; curiosity; learning
one: gravity; evolution; photosynthesis; quantum mechanics; relativity; the Big Bang; dark matter; a black hole; DNA; chemistry; biology; physics; geology; mathematics; statistics; probability; calculus; geometry; number theory; the periodic table; the scientific method; neuroscience; psychology; economics; archaeology; linguistics; space travel; Mars; Jupiter; the sun; the solar system; plate tectonics; electricity; magnetism; entropy; chaos theory; game theory; pi; infinity; zero; the brain; the immune system; memory; bacteria research; climate change; renewable energy; history; philosophy; anatomy; botany; meteorology; the speed of light; water; carbon; time dilation; the placebo effect; topology; cryptography
many: black holes; volcanoes and earthquakes; atoms; comets; prime numbers; fossils; vaccines; viruses; bacteria; galaxies; planets; magnets; telescopes; microscopes; crystals; genes; neurons; eclipses; tides and the moon; earthquakes; meteorites; exoplanets; fractals; experiments
mods: marine; modern; ancient; solar; quantum; molecular; applied; theoretical; medieval; cognitive
heads: biology; physics; chemistry; history; energy; mathematics; philosophy; geology; medicine
== weather
kind: season; kind of weather; time of year; month
tag: weather; seasons; outdoors; mood; cozy
one: spring; summer; autumn; winter; rain; snow; fog; thunder; a heat wave; the first snow; a rainy Sunday; October; November; December; January; February; March; April; May; June; July; August; September; sunshine; wind; hail; a thunderstorm; frost; the first frost; a snow day; humidity; a grey sky; golden hour; the shortest day; daylight saving time; drizzle; a blizzard; a hurricane; monsoon season
many: thunderstorms; snowflakes; falling leaves; summer nights; rainy days; puddles; spring mornings; winter evenings; weather forecasts; long shadows; cold hands; sunny days
mods: a cold; a warm; a stormy; a long; an endless; a mild; an early; a late
heads: spring; summer; autumn; winter; morning; evening
== work
kind: part of work life; job; work habit; profession
tag: work; career; leadership; productivity; teamwork
one: remote work; a job interview; the Monday meeting; teamwork; leadership; burnout at work; the commute; a promotion; networking; time management; delegation; feedback; small talk; overtime; freelancing; a startup; my first job; quitting; the open office; the coffee machine; public speaking; customer support; project management; marketing; sales; accounting; teaching; nursing; plumbing; farming; an internship; a layoff; retirement; work-life balance; office politics; a four-day week; documentation; imposter syndrome; mentoring; negotiation; my boss; the dress code; volunteering; hiring; onboarding; product design; user research; firefighting; a career change; inbox zero
many: meetings; deadlines; Mondays; job interviews; emails; performance reviews; coworkers; managers; standups; lunch breaks; resumes; team lunches; teachers; electricians; bus drivers; carpenters; business trips; side projects; office plants; status reports; name tags; quarterly goals; founders
mods: a bad; a good; a remote; a weekly; my last; a difficult; a short; an effective; the first
heads: meeting; manager; team; interview; deadline; presentation; workshop; office; contract; email
== home
kind: household thing; chore; piece of furniture; room
tag: home; cozyhome; cleaning; homelife; interiors
one: laundry; the dishwasher; ironing; a new apartment; the attic; my desk; the couch; moving house; an old armchair; the basement; the junk drawer; dusting; vacuuming; flat-pack furniture; interior design; minimalism; decluttering; wallpaper; the washing machine; my kitchen table; a leaking tap; the fireplace; a rug; my bookshelf; the front door; the bathtub; the balcony; a power outage; the doorbell; the fridge; home renovation; an alarm clock; the mailbox
many: dirty dishes; houseguests; curtains; lost keys; moving boxes; pillows; blankets; noisy neighbours; light bulbs; missing socks; old photos; coat hangers; cardboard boxes; roommates; stairs; chairs; windows; towels
mods: a broken; an old; a squeaky; my grandmother's; a wooden; a leaking; a new; the smallest; a dusty
heads: chair; lamp; sofa; door; window; table; mirror; cupboard; roof; clock; kettle; bathroom
== garden
kind: plant; flower; tree; garden project
tag: gardening; plants; garden; growyourown; green
one: gardening; composting; a cactus; lavender; ivy; a bonsai; bamboo; my monstera; the lawn; a vegetable patch; mint; a rose garden; the apple tree; a greenhouse; jasmine; an orchid; a fern; the cherry blossom; a community garden; rewilding; mulch; thyme; weeding; an herb garden; permaculture; urban gardening; moss in the garden
many: roses; sunflowers; orchids; cacti; succulents; houseplants; daffodils; daisies; lilies; weeds; herbs; trees; oak trees; tomato plants; peonies; hydrangeas; dandelions; ferns; raised beds; seedlings; violets; poppies; geraniums; earthworms; garden gnomes; bulbs
mods: a wild; a tiny; a balcony; a dying; an indoor; a rooftop; my first; a shady
heads: garden; rose; tree; cactus; hedge; orchard; fern; palm; plant; flower bed
== transport
kind: way to travel; vehicle; machine; means of transport
tag: travel; commute; onthemove; transport; roadtrip
one: the night train; my bicycle; the subway; the bus; a road trip; public transport; a ferry; air travel; the airport; a motorcycle; a sailboat; an old tram; my first car; an electric car; the Trans-Siberian Railway; a canoe; hitchhiking; carpooling; the Orient Express; traffic; parking; a hot air balloon; a steam train; a taxi; the elevator; a cable car; a cargo bike; high-speed rail; a submarine; the parking lot; a long flight; jet lag
many: trains; bicycles; buses; electric cars; airplanes; ferries; trams; motorcycles; traffic jams; helicopters; steam engines; bike lanes; trucks; taxis; airports; train stations; layovers; potholes; bridges; spaceships; canals
mods: a slow; a rusty; a red; a vintage; my old; an electric; a crowded; a flying; a toy; a delayed
heads: train; bus; bicycle; car; boat; plane; tram; truck; van; tractor; ship
== event
kind: holiday; celebration; family event; tradition
tag: celebration; family; party; holiday; memories
one: Christmas; Halloween; Easter; New Year's Eve; Thanksgiving; Diwali; Hanukkah; Ramadan; a birthday; my birthday; a wedding; my best friend's wedding; graduation; a family reunion; Valentine's Day; Mother's Day; Father's Day; a baby shower; a housewarming party; the summer fair; Carnival; Oktoberfest; the school play; a picnic; a barbecue; a surprise party; Lunar New Year; a first date; Black Friday; April Fools' Day; a funeral; Sunday dinner; a potluck; a garage sale; the first day of school
many: birthdays; weddings; fireworks; family dinners; Christmas lights; picnics; Halloween costumes; birthday parties; reunions; holidays; Sunday roasts; surprise parties; road trips with family; gifts; anniversaries; family photos
mods: a small; a winter; a family; an office; a quiet; a late; a children's; a neighbourhood; a summer; a surprise
heads: wedding; party; dinner; picnic; festival; birthday; parade; barbecue; holiday; concert
== feeling
kind: feeling; virtue; idea; habit of mind; part of being human
tag: mindset; growth; life; reflection; kindness
one: patience; kindness; courage; failure; success; friendship; love; loneliness; happiness; hope; grief; gratitude; curiosity; boredom; ambition; jealousy; trust; honesty; forgiveness; nostalgia; silence; luck; regret; freedom; change; doubt; humour; laughter; ageing; childhood; growing up; being wrong; saying no; letting go; perfectionism; doing nothing; homesickness; beauty; wisdom; empathy; discipline; confidence; solitude; motivation; creativity; simplicity; waiting; listening; home; memory and time; getting older; starting over; asking for help; common sense
many: mistakes; memories; dreams; promises; secrets; old friends; second chances; first impressions; small joys; bad days; fears; goals; new beginnings; good intentions; excuses; white lies; goodbyes; compliments; strangers; expectations; awkward silences
mods: everyday; quiet; true; blind; sudden; lasting; shared; healthy; childlike; radical
heads: kindness; patience; courage; trust; curiosity; joy; hope; doubt; honesty; pride
== school
kind: subject; skill; course; exam; foreign language
tag: learning; education; students; study; school
one: Spanish; French; German; Italian; Japanese; Mandarin; Korean; Arabic; Latin; Polish; Russian; Portuguese; Swedish; Dutch; English; sign language; Esperanto; algebra; geography; spelling; homework; the final exam; a PhD; university; kindergarten; high school; studying abroad; group work; speed reading; mental arithmetic; lifelong learning; an online course; my thesis; a spelling bee; the school bus; homeschooling; note taking; physics class; art class; music class; gym class; critical thinking; learning to drive; learning to swim; learning to cook; touch typing
many: exams; flash cards; teachers' meetings; school trips; online courses; textbooks; math problems; irregular verbs; languages; lectures; study groups; report cards; spelling mistakes; group projects; essays; school uniforms; student loans
mods: beginner; intermediate; business; evening; advanced; everyday; self-taught
heads: Spanish; French; German; English; algebra; statistics; Japanese; Italian; Dutch
== money
kind: money habit; financial topic; kind of shopping
tag: money; budget; savings; finance; frugal
one: saving money; a budget; inflation; the stock market; rent; taxes; my tax return; credit card debt; online shopping; thrift shopping; investing; compound interest; a garage sale find; tipping; the grocery bill; window shopping; the piggy bank; a mortgage; pocket money; crowdfunding; a flea market; bargain hunting; insurance; cryptocurrency; an emergency fund; cash; fast fashion; the lottery
many: coupons; subscriptions; flea markets; taxes and fees; bills; discounts; second-hand clothes; impulse buys; receipts; price tags; credit cards; shopping lists; vending machines; gift cards
mods: student; monthly; family; household; hidden; personal; smart; weekly
heads: budget; savings; debt; shopping; spending; finance; rent; insurance
== object
kind: thing; object; everyday thing; little object
tag: everyday; design; smallthings; simple; objects
one: the umbrella; my favourite mug; the pencil; a paperclip; the zipper; a wooden spoon; my backpack; the stapler; a rubber duck; duct tape; the safety pin; a fountain pen; a pocket knife; the toothbrush; a candle; an old map; a postcard; the paper bag; a compass; the wheel; a shoelace; the fork; a button; the spoon; a hammer; sticky tape; a kite; my wallet; a teapot; the ladder; a snow globe; bubble wrap; a notebook; the bench in the park; a whistle; an hourglass
many: socks; umbrellas; pencils; buttons; sunglasses; hats; shoes; sticky notes; scissors; stickers; gloves; envelopes; postage stamps; coins; mirrors; maps; marbles; balloons; paper cups; rubber bands; spoons; clocks; teapots; bricks; ladders; pockets; magnets on the fridge; toothpicks; boots; keychains; bells
mods: a lost; a green; a yellow; a rusty; a tiny; a golden; a plastic; a striped; a heavy; a wooden; a paper
heads: umbrella; hat; pencil; key; button; ladder; bucket; spoon; coat; bell; sock; bottle; blanket; box; shoe; rope
headsp: umbrellas; shoes; buttons; keys; hats; boxes
== thing
kind: thing; idea; project; topic
tag: thoughts; curious; ideas; today; random
one: bicycles on the moon; the colour blue; the letter Q; a talking lamp; the number seven; left-handed people; Tuesday; midnight; dust; shadows on a wall; the word moist; the middle seat; small print; elevator music; a lost balloon; the last biscuit; yellow; purple; the end of the world; conspiracy theories; nothing; everything; the future; the past; pirates; ninjas; robots on Mars; time travel; unicorns; dragons; ghosts; aliens; superheroes
many: twins; left turns; echoes; nicknames; queues; giants; wizards; mermaids; knights; vampires; zombies; emojis; rumours; tall people; accents
"""

# Subjects that stand beside their category rather than in it: the category's sentences do not fit them, those for anything do.
GENERAL = """
birdwatching; wildlife photography; bird song; pattern matching; recursion; object-oriented code; metaprogramming; type inference; garbage collection; closures; macros; pointers; generics; monads; regular expressions; coroutines; unit tests; compilers; lambdas; iterators
open source; version control; continuous integration; code review; the command line; our build system; static analysis; test automation; databases; microservices; APIs; pull requests; dependencies; log files; merge conflicts; chatbots; spreadsheets
artificial intelligence; virtual reality; 3D printing; the internet; solar power; quantum computing; machine learning; the cloud; cybersecurity; facial recognition; augmented reality; home automation; the first computer; wireless charging
robots; passwords; batteries; chargers; video calls; language models; satellites; self-driving cars; wearables; solar panels; computers; the calculator; my old laptop; the robot vacuum; keyboards; printers
street food; leftover pizza; breakfast; brunch; the school lunch; school lunches; home cooking; baking; my first loaf of bread; chocolate; peanut butter; popcorn; fish fingers; pickles; granola
tap water; the office coffee; coffee breaks; energy drinks; tea bags; red wine; beer; craft beer; mulled wine; cocktails; root beer; sparkling water; milk
olive oil; honey; cheese; butter; salt; black pepper; vanilla; rice; lentils; eggs; tofu; cinnamon; turmeric; watermelon; pineapple; the avocado
dog training; cat food; walking the dog; adopting a cat; cat videos; dog walks; therapy dogs; a goldfish; goldfish
small towns; big cities; old bridges; night markets; border towns; suburbs; the side streets
camping; stargazing; moss; the tide; a rainbow; the moon; wildflowers; clouds; stars; shooting stars; tides; rainbows; icebergs; pine trees; the night sky; sunsets; sunrises; an old oak; a sunrise; the sunset
the World Cup; the Olympics; the Tour de France; a marathon; my first 10k; penalty kicks; sports fans; marathons; referees; running shoes; away games; free throws; ski lifts; team captains; rest days
the dentist; mental health; stress; burnout; insomnia; hay fever; the common cold; back pain; therapy; vitamin D; sunscreen; screen time; first aid; recovery; vitamins; headaches; allergies; bad habits; dentists; nurses; glasses; physical therapy
fishing; genealogy; darning socks; geocaching; metal detecting; model trains; handmade cards; quilts; candles; scarves; friendship bracelets; paper planes; wooden spoons; puppets; sketchbooks; jigsaw puzzles; oil paints; miniature houses; kite flying
a quiz night; speedrunning; game design; a chess opening; the final boss; a crossword; tag; riddles; cheat codes; loot boxes; chess clubs; yo-yos; trading cards; laser tag; a treasure hunt; hopscotch; hide and seek; crosswords
karaoke; music theory; singing; beatboxing; songwriting; perfect pitch; dancing; the radio; a music festival; music festivals; a new playlist; ballet; concerts; earworms; playlists; music lessons; mixtapes; Eurovision; vinyl; vinyl records
the library; my library card; a book club; creative writing; journalism; blogging; proofreading; editing; storytelling; grammar; the semicolon; handwriting; translation; writer's block; a bookshop; my first novel; an audiobook
libraries; footnotes; diaries; love letters; book covers; public libraries; semicolons; newsletters; bookmarks; audiobooks; a cookbook
the cinema; improv comedy; theater; stand-up comedy; Van Gogh; Picasso; Frida Kahlo; Monet; modern art; street art; the museum; the Mona Lisa; an art exhibition; animation; stop motion; a soap opera; reality TV; the news; architecture; graffiti
fashion; abstract art; the circus; musical theater; a puppet show; trailers; podcasts about film; museums; murals; portraits; TV shows; plot twists; subtitles; film festivals; sculptures; cartoons
daylight saving time; golden hour; weather forecasts; cold hands; long shadows; puddles; the shortest day; a grey sky; humidity; a rainy Sunday; a snow day; October; November; December; January; February; March; April; May; June; July; August; September
falling leaves; summer nights; rainy days; spring mornings; winter evenings; sunny days; a hurricane; sunshine
plumbing; farming; nursing; teaching; firefighting; accounting; retirement; the coffee machine; my boss; the dress code; an internship; a layoff; quitting; volunteering; my first job; teachers; electricians; bus drivers; carpenters; office plants; name tags
founders; Mondays; lunch breaks; coworkers; managers; side projects; a career change; a startup; sales; marketing; a four-day week; product design
a new apartment; moving house; interior design; minimalism; a power outage; houseguests; roommates; noisy neighbours; lost keys; missing socks; old photos; flat-pack furniture; decluttering; home renovation; pillows; blankets; stairs; towels
gardening; composting; the lawn; weeding; permaculture; rewilding; mulch; a community garden; a greenhouse; raised beds; earthworms; garden gnomes; urban gardening; weeds; moss in the garden; houseplants; ivy
a road trip; air travel; the airport; hitchhiking; carpooling; traffic; parking; the elevator; the parking lot; a long flight; jet lag; public transport; trains; bicycles; buses; electric cars; airplanes; ferries; trams; motorcycles; traffic jams
helicopters; steam engines; bike lanes; trucks; taxis; airports; train stations; layovers; potholes; bridges; spaceships; canals; a submarine; a hot air balloon; a canoe
a funeral; a first date; Black Friday; April Fools' Day; Oktoberfest; Carnival; the first day of school; a garage sale; graduation; the school play; fireworks; Christmas lights; holidays; gifts; family photos; Halloween costumes; road trips with family
jealousy; grief; loneliness; boredom; doubt; regret; change; ageing; childhood; growing up; being wrong; saying no; perfectionism; doing nothing; homesickness; getting older; starting over; secrets; bad days; fears; excuses; white lies; goodbyes; strangers
awkward silences; expectations; memories; waiting; silence; failure; home; memory and time; common sense; mistakes
spelling; homework; the final exam; a PhD; university; kindergarten; high school; studying abroad; group work; lifelong learning; my thesis; a spelling bee; the school bus; homeschooling; critical thinking; exams; flash cards; teachers' meetings; school trips
textbooks; report cards; spelling mistakes; group projects; essays; school uniforms; student loans; study groups; lectures; math problems; irregular verbs; speed reading; note taking; gym class
a garage sale find; flea markets; window shopping; vending machines; second-hand clothes; gift cards; the lottery; pocket money; bargain hunting; thrift shopping; tipping; a flea market; cash; the piggy bank; receipts; price tags; shopping lists; fast fashion
the wheel; the bench in the park; the ladder; the paper bag; bricks; ladders; pockets; boots; bells; mirrors; balloons; paper cups; shoes; hats; clocks; the zipper; the toothbrush; a kite; bubble wrap; a candle; sticky tape
"""


def _split(text):
    return [item.strip() for item in text.replace("\n", ";").split(";") if item.strip()]


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
        for key in ("kind", "tag", "one", "many"):
            assert category.get(key), f"{name}: no {key}"
        for key in ("mods", "heads", "headsp"):
            category.setdefault(key, [])
    return categories


GENERAL = set(_split(GENERAL))

# Asked for first by people who try a model, and so written about most.
FAMOUS = set(_split("""
Elixir; Elixir; Erlang; Python; Rust; Go; C; Ruby; JavaScript; Phoenix; Linux; Git; Postgres; Livebook; coffee; tea; pizza; sushi; sourdough bread; ice cream; cats; dogs; bees; bumblebees; my cat; my dog;
Berlin; Paris; New York; the sea; the ocean; mountains; yoga; running; football; chess; knitting; Bach; Mozart; the guitar; poetry; rain; autumn; spring; summer; winter; roses; tomatoes; trains; friendship; love; patience; happiness; robots;
artificial intelligence; machine learning; the moon; mathematics; black holes; physics; history; my bicycle; remote work; meetings; apples; bananas; potatoes; sunflowers; snow; Kyoto; Tokyo; London; Rome; cycling; tennis; swimming
"""))

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
