"""An open list of subjects from all fields, for posts that treat them generally: a model that has seen many names learns to take up any.

draw(rng) gives (subject, plural, kind): kind is activity, place, thing (which a person may own), odd (what one does not begin with) or any.
Beside the words listed here it composes ("a rusty bridge", "the history of salt", "bridge painting") and invents ("Brolvix", "Lake Tamund").
"""

import foreign

COUNT = """
acorn, accordion player, aeroplane, alarm, album, alley, almanac, anchor, ant, antenna, anthem, apple, apron, aquarium, arch, archive, arrow, atlas, attic window, axe, badge, bag, bakery, ball,
balcony, ballot, bank, banner, barn, barrel, basement, basket, bath, beacon, beard, bed, bee, beetle, bell tower, belt, bench, bicycle, billboard, bird, biscuit, blanket, blueprint, boat, bolt, bonfire, bookmark,
boot, border, bottle, boulder, bouquet, bowl, box, bracelet, branch, brick, bridge, broom, brush, bucket, building, bus stop, butterfly, button, cabin, cabinet, cable, cactus, cafeteria, cage, calendar, camel, camera,
camp, canal, candle, cannon, canoe, canvas, cap, caravan, card, carpet, carriage, castle, cat, caterpillar, cave, ceiling, cellar, chain, chair, chalkboard, chapel, chart, chessboard, chimney, church, cinema, circle, circus,
clarinet, classroom, cliff, clinic, clock, cloud, clown, coat, cobweb, coin, collar, comb, comet, compass, computer, cork, corner, costume, cottage, counter, courtyard, cradle, crane, crayon, cricket, crocodile, crossroad,
crow, crown, cube, cup, cupboard, curtain, cushion, dam, deck, deer, desert, desk, diamond, diary, dice, dictionary, dinosaur, dolphin, donkey, door, dragonfly, drawer, dress, drum, duck, eagle, earring, easel, echo,
elephant, engine, envelope, eraser, escalator, factory, falcon, farm, feather, fence, ferry, festival, field, fire, fireplace, fish, flag, flamingo, flashlight, flower, flute, forest, fork, fossil, fountain, fox, frame,
freezer, frog, furnace, garage, garden, gate, generator, ghost, giraffe, glass, globe, glove, goat, gorilla, grape, greenhouse, guitar, hammer, hammock, handbag, harbour, harp, hat, hawk, helicopter, helmet,
heron, hill, hinge, hippo, hook, horse, hospital, hotel, hourglass, house, iceberg, igloo, inkwell, insect, island, jacket, jar, jellyfish, jewel, journal, juggler, kangaroo, kettle, key, keyhole, kitchen, kite, knife,
knot, koala, labyrinth, ladder, lake, lamp, lantern, laptop, lawn mower, leaf, lemon, lens, leopard, letter, library, lift, lighthouse, lightbulb, lion, lizard, llama, lobster, lock, locomotive, magazine, magnet, mailbox,
map, marble, market, mask, match, maze, meadow, medal, melon, microscope, mill, mirror, mole, monkey, monument, moose, mosque, motorbike, mountain, mouse, museum, mushroom, nail, necklace, needle, nest, net, newspaper,
notebook, oak, oar, octopus, office, orchard, organ, ostrich, oven, owl, ox, oyster, paintbrush, palace, pan, panda, parachute, parade, park, parrot, passport, path, peacock, pebble, pelican, pen, pendulum, penguin,
perfume, photograph, piano, picture, pier, pig, pigeon, pillow, pine, pipe, pirate, plate, platypus, playground, plum, pocket, pond, porch, post office, poster, pot, printer, prism, propeller, puddle, pulley, pump,
puppet, puzzle, pyramid, quarry, quilt, rabbit, raccoon, radio, raft, railway, rainbow, rake, ranch, raven, razor, receipt, refrigerator, reindeer, restaurant, ribbon, ring, river, road, robot, rocket, roof, room, rooster,
rope, rose, ruler, sack, saddle, sail, salmon, sandwich, satellite, saw, scale, scarecrow, scarf, school, scooter, screw, screwdriver, sculpture, sea horse, seal, seashell, shadow, shark, sheep, shelf, shell, ship, shirt,
shoe, shop, shovel, shrimp, signpost, skateboard, skeleton, sled, sleeping bag, snail, snake, snowman, sock, sofa, sparrow, speaker, spider, spoon, squid, squirrel, staircase, stamp, star, statue, stool, stopwatch, stove,
street, submarine, suitcase, sundial, swan, swing, sword, table, telescope, temple, tent, theatre, thermometer, thimble, thread, throne, ticket, tiger, toad, toaster, tomato, torch, tower, tractor, train, trampoline, tray,
treasure, tree, tricycle, trophy, trumpet, tunnel, turtle, typewriter, umbrella, unicycle, valley, vase, village, vinegar bottle, violin, volcano, waffle, wagon, wall, walrus, wardrobe, watch, waterfall, watermill, whale, wheel,
wheelbarrow, windmill, window, wolf, workshop, xylophone, yacht, zebra, zip, zoo, board meeting, budget plan, phone call, voice message, news story, job offer, road sign, traffic light, swimming pool, city park, space station,
tax form, court case, river bank, bus driver, school teacher, night watchman, tram stop, country doctor, street musician, football coach, museum guard, chess player, beekeeper, lighthouse keeper, train conductor, puppet maker,
rock band, string quartet, cooking show, radio play, love letter, folk tale, detective story, science project, weather report, summer job, picnic table, garden shed, coffee cup, tea towel, bread knife, wedding ring, birthday cake
"""

MASS = """
accuracy, advice, air, alchemy, algebra, aluminium, amber, anger, animation, anthropology, architecture, art, astrology, bacon, bamboo, banking, baroque architecture, bass, biochemistry, blockchain, brass, bravery, bread,
bronze, bureaucracy, butter, calm, capitalism, caramel, carbon, cement, ceramics, chance, chaos, charity, cheese, childhood, chivalry, chlorophyll, civil engineering, clay, cloth, coal, cobalt, coffee, comedy, common law, concrete,
confidence, copper, copyright law, corn, cotton, courtesy, cryptography, cuisine, dance, darkness, data, data science, daylight, debt, democracy, dentistry, dew, diplomacy, DNA, drama, dust, ecology, economics, education,
elegance, email, embroidery thread, endurance, energy, engineering, enthusiasm, ethics, etymology, evidence, fame, family, fashion, fate, federalism, fermentation, fiction, fire safety, flour, folklore, foreign policy,
forensics, friction, fun, furniture, geometry, glass, glue, gold, gossip, grammar, granite, grass, gravity, growth, guilt, hair, harmony, heat, heraldry, hieroglyphs, history, honour, humility, hydrogen, hygiene,
ice, immigration, impressionism, information, ink, innovation, insulation, insulin, irony, iron, ivy, jade, jam, jealousy, jet lag, justice, ketchup, knowledge, lace, language, law, leather, lightning, limestone, linen, logic,
logistics, loyalty, luggage, magic, mail, maple syrup, marble, marketing, mathematics, mayonnaise, mercury, metal, metaphysics, microbiology, milk, modesty, money, morality, mud, music, mustard, mythology, naval history, neon,
nitrogen, noise, nonsense, nutrition, oil, optimism, oxygen, oxytocin, paint, paper, parenthood, peace, penicillin, pepper, perfume, permafrost, physics, plastic, plumbing, pollen, pop culture, porcelain, poverty, power, prehistory,
privacy, prose, protein, psychology, punctuation, quartz, quinoa, rain, recycling, reggae, rhetoric, rhyme, rhythm, robotics, rubber, rust, saffron, salt, sand, sarcasm, scaffolding, seaweed, self-control, semiotics, shampoo,
silence, silk, silver, sincerity, slang, smoke, snow, soap, sociology, soil, soy sauce, space, speed, static, steam, steel, stoicism, sugar, surrealism, swing music, taxation, tea, teamwork, technology, thermodynamics, thunder,
time, time zones, topology, tourism, trade, tradition, traffic, trust, truth, typography, urban planning, vinegar, violence prevention, virtue, water, wax, wealth, wheat, whisky, wildlife, wind power, wine, wisdom, wood, wool,
yeast, youth, zinc, zoology, solar wind, sea salt, city life, public health, fair trade, free speech, open data, deep learning, human rights, game theory, plant biology, peer review, folk wisdom, street style, word order,
quality control, customer service, air pollution, climate policy, blood pressure, lunar dust, minimal design, type theory, ancient Rome, medieval trade, modern dance, gothic fiction, opera singing,
sourdough, halloumi, tempeh, tahini, kefir, couscous, polenta, nougat, marzipan, wasabi, pesto, sauerkraut, espresso, gin, cider, lemonade, mead, Roman law, Norse mythology, Greek tragedy, Byzantine art, Finnish grammar,
Zen Buddhism, Viking history, Italian opera, Persian poetry, Irish folk music, French cinema, Chinese calligraphy, Brazilian football, Welsh rugby, Turkish coffee, Danish design, Swiss cheese, Polish jazz
"""

PLURAL = """
aliens, allergies, alphabets, ambulances, ancestors, ants, apologies, aquariums, asteroids, astronauts, athletes, bagpipes, bakers, ballads, barges, bats, beards, beavers, beetles, binoculars, birthdays, board games, bonuses,
brothers, bubbles, budgets, butchers, butterflies, calories, campfires, castles, caterpillars, cathedrals, chameleons, champions, cheetahs, choirs, clichés, cobblestones, coincidences, comets, comedians, commas, contracts, cousins,
cowboys, crayons, crickets, crocodiles, cupboards, customs, dads, deadlines, debates, detectives, diets, dinosaurs, disasters, doctors, dolphins, drummers, eels, elections, electrons, elephants, emperors, engineers, enzymes, errors,
evenings, farmers, ferns, fireflies, firefighters, flamingos, fjords, forks, fossils, foxes, frogs, functions, gardeners, geese, geckos, genomes, giants, giraffes, goblins, grandparents, habits, harbours, headlines, herbs, heroes,
hippos, hobbies, holidays, horses, hormones, hurricanes, iguanas, insects, interviews, inventors, islands, jellyfish, jokes, judges, kangaroos, kings, knots, koalas, lanterns, laws, leaves, lemurs, lighthouses, lions, lizards,
llamas, lobsters, locksmiths, magicians, mammoths, manners, maps, marathons, mathematicians, medals, melodies, mermaids, meteors, microbes, midwives, migraines, miners, minerals, mistakes, molecules, monasteries, monks, monkeys,
moths, mothers-in-law, murals, musicians, mussels, myths, neighbours, neutrons, newspapers, nightmares, numbers, oceans, octopuses, olives, omelettes, opinions, optical illusions, orchestras, ostriches, oysters, paintings, pandas,
parents, parliaments, passwords, peacocks, penguins, perfumes, photons, pickles, pigeons, pilots, pirates, planets, platypuses, plumbers, poets, polar bears, politicians, pop songs, predictions, presidents, prime numbers, proverbs,
puppets, pyramids, queens, questions, rabbits, raccoons, railways, ravens, recipes, refugees, reindeer, rituals, rivers, rockets, roommates, roots, rules, rumours, sailors, salamanders, sandcastles, sausages, scarecrows, scars,
scorpions, sculptors, seagulls, seasons, seeds, selfies, shadows, sharks, shepherds, sisters, skeletons, skyscrapers, sloths, snails, snakes, snowmen, soldiers, spiders, spreadsheets, squirrels, stairs, starfish, statues,
stepfathers, strikes, submarines, suitcases, surnames, swans, synonyms, tattoos, taxes, teenagers, telescopes, temples, termites, tigers, toads, tongue twisters, tornadoes, tourists, toys, traditions, translators, treaties,
truffles, tsunamis, tunnels, turtles, unions, vegetables, verbs, villages, vitamins, volcanoes, volunteers, voters, waiters, walruses, wasps, waves, weekends, whales, windmills, witches, wolves, woodpeckers, words, yaks, zebras,
knitting needles, train tickets, garden gnomes, paper planes, night shifts, job titles, stock options, farm animals, space suits, sea monsters, church bells, city maps, phone numbers, weather apps, card tricks, cheese knives
"""

DO = """
abseiling, acting, babysitting, baking bread, ballroom dancing, base jumping, bell ringing, belly dancing, bird feeding, bird watching, bodybuilding, body painting, brewing beer, building sandcastles, butter churning, cake decorating,
calligraphy, camping, canning vegetables, canoeing, carving spoons, cave diving, cheese making, chopping wood, cleaning windows, clowning, coaching, code golfing, collecting shells, cooking for one, counting sheep, daydreaming, debating, debugging,
deep sea diving, designing fonts, dog sledding, drawing maps, drumming, dumpster diving, dyeing wool, editing videos, falconry training, felting, fencing, finger painting, fire breathing, fixing bicycles, fly fishing, flower arranging,
foraging, free running, gaming, glass painting, gliding, grilling, growing chilies, haggling, hang gliding, hiking, house sitting, hula hooping, ice fishing, ice skating, ironing shirts, jam making, jogging, keeping bees,
keeping a diary, kite surfing, lace making, letter writing, line dancing, log rolling, making candles, making lists, making soup, map reading, meal planning, mentoring, mountain biking, mushroom picking, night swimming, oil painting, orienteering,
paddle boarding, painting walls, paper making, paragliding, people watching, pickling, playing the harmonica, pole vaulting, proofreading, public reading, quilting, race walking, rafting, rappelling, reading aloud, renovating, repairing radios,
restoring furniture, roller skating, rope skipping, sand painting, scuba diving, sewing buttons, sharpening knives, shadow boxing, sign painting, sheep shearing, shopping, singing in a choir, skipping stones, sleeping late, snorkelling, snow shovelling,
solving crosswords, spear fishing, speed dating, spinning wool, square dancing, stargazing, stone carving, storytelling, sunbathing, swing dancing, tap dancing, taxidermy, teaching kids, telemarketing, thatching, throwing a boomerang, tightrope walking,
train spotting, translating poems, tree climbing, tree planting, trekking, trampolining, underwater hockey, upcycling, ventriloquism, volunteering abroad, waking up early, walking backwards, washing cars, water skiing, weather forecasting, welding,
whale watching, wine tasting, wood turning, wood burning, writing letters, writing songs, yodelling, zorbing, axe throwing, blind tasting, book lending, bread baking, bridge building, car washing, egg painting, fence painting, floor polishing,
garden planning, horse grooming, knife making, lawn mowing, mask making, net mending, paper marbling, pot throwing, rug weaving, shoe repairing, stone skipping, toy collecting, tea blending, violin making, wall climbing
"""

NAMES = """
Ada Lovelace, Albert Einstein, Alexander Hamilton, Amelia Earhart, Aristotle, Astrid Lindgren, Bob Dylan, Bruce Lee, Charlie Chaplin, Cleopatra, Confucius, Copernicus, Darwin, David Bowie, Edison, Emily Dickinson, Florence Nightingale, Galileo,
Gandhi, Goethe, Grace Hopper, Hannah Arendt, Homer, Ibn Battuta, Isaac Newton, James Joyce, Joan of Arc, Julius Caesar, Kant, Kepler, Leonardo da Vinci, Louis Armstrong, Machiavelli, Marie Curie, Mark Twain, Mary Shelley, Michelangelo, Miles Davis,
Mother Teresa, Mozart, Napoleon, Nefertiti, Nelson Mandela, Nietzsche, Nikola Tesla, Nina Simone, Oscar Wilde, Pele, Plato, Queen Victoria, Rembrandt, Rosa Parks, Rumi, Sappho, Schubert, Serena Williams, Socrates, Spinoza, Tchaikovsky, Turing,
Vivaldi, Voltaire, Virginia Woolf, Wittgenstein, Zeus, Apollo 11, Wikipedia, Spotify, Netflix, YouTube, WhatsApp, Instagram, Reddit, Amazon, Tesla, Toyota, Lego, Ikea, Nintendo, PlayStation, Android, Windows 95, Photoshop, Firefox, Ubuntu, Debian,
OpenStreetMap, Raspberry Pi, Arduino, Bluetooth, Wi-Fi, JSON, XML, HTML, CSS, HTTP, TCP, WebAssembly, CUDA, OpenGL, Unix, Zsh, Ruby on Rails, Ecto, LiveView, NumPy, TensorFlow, RabbitMQ, Elasticsearch, Vagrant, Heroku, Cloudflare, Pokemon, Batman,
Harry Potter, Star Trek, Doctor Who, The Simpsons, Sesame Street, Winnie the Pooh, Pippi Longstocking, Alice in Wonderland, Robin Hood, King Arthur, Godzilla, King Kong, Mickey Mouse, Monty Python, the Rolling Stones, Queen the band, ABBA, Nirvana,
the Renaissance, the Enlightenment, the Roman Empire, the French Revolution, the Cold War, the Silk Road, the Bronze Age, the Ice Age, the Middle Ages, the Industrial Revolution, the Great Wall, the Eiffel Tower, Stonehenge, Machu Picchu, Pompeii,
the Vikings, the Aztecs, the Incas, the Olympics of 1936, the Nobel Prize, the United Nations, the European Union, the Supreme Court, the Milky Way, Venus, Saturn, Pluto, Halley's comet, the Hubble telescope, the Rosetta Stone, the Titanic,
Route 66, Y2K, the year 1999, the number 42, the letter Z, the colour orange, the Dewey Decimal System, the Richter scale, Braille, Morse code, the Gregorian calendar, the metric system, Occam's razor, Murphy's law, Zeno's paradox
"""

PLACES = """
Accra, Addis Ababa, Adelaide, Algiers, Almaty, Amman, Ankara, Antwerp, Argentina, Armenia, Australia, Austria, Baku, Bali, Basel, Bavaria, Beijing, Beirut, Belgrade, Belize, Bergen, Bern, Bhutan, Bilbao, Bolivia, Bordeaux, Bratislava, Brighton, Bristol,
Bruges, Bucharest, Bulgaria, Cambodia, Cambridge, Casablanca, Chile, Cologne, Colombia, Corfu, Cornwall, Costa Rica, Crete, Croatia, Cuba, Cyprus, Dakar, Damascus, Denver, Detroit, Dresden, Dubai, Ecuador, Egypt, Estonia, Ethiopia, Fiji, Finland,
Galway, Gdansk, Geneva, Genoa, Georgia, Ghana, Glasgow, Granada, Graz, Greece, Greenland, Guatemala, Hawaii, Honolulu, Hungary, Innsbruck, Ireland, Jakarta, Jamaica, Jerusalem, Jordan, Karachi, Kathmandu, Kazakhstan, Kenya, Kiev, Kosovo, Kuala Lumpur,
Lapland, Latvia, Leeds, Leipzig, Lithuania, Liverpool, Ljubljana, Luxembourg, Lyon, Macedonia, Madagascar, Malaga, Malawi, Malta, Manchester, Manila, Marseille, Memphis, Milan, Minsk, Moldova, Monaco, Mongolia, Montenegro, Morocco, Mozambique, Namibia,
Nantes, Nepal, Nice, Nigeria, Normandy, Nova Scotia, Nuremberg, Odessa, Oman, Oxford, Palermo, Panama, Paraguay, Patagonia, Perth, Peru, Philadelphia, Phoenix, Pisa, Pittsburgh, Portland, Provence, Quebec, Rotterdam, Rwanda, Salzburg, Samarkand,
San Diego, Sarajevo, Sardinia, Scotland, Senegal, Serbia, Shanghai, Siberia, Sicily, Siena, Skopje, Slovakia, Slovenia, Sofia, Split, Sri Lanka, Stuttgart, Sumatra, Taipei, Tallinn, Tanzania, Tasmania, Tbilisi, Tehran, Tel Aviv, Texas, Thailand,
Tibet, Timbuktu, Tirana, Toledo, Transylvania, Trieste, Tunis, Turin, Turkey, Tuscany, Uganda, Ukraine, Uppsala, Uruguay, Utrecht, Valencia, Vietnam, Vilnius, Wales, Wellington, Yerevan, York, Zagreb, Zanzibar, Zimbabwe, the Balkans, the Hebrides,
the Canary Islands, the Dolomites, the Andes, the Himalayas, the Pyrenees, the Mekong delta, the Danube, the Nile, the Rhine valley, the Gobi desert, the Everglades, the Lake District, the Scottish Highlands, the Great Barrier Reef, Central Park,
Hyde Park, Times Square, Red Square, Easter Island, Christmas Island, Long Island, Mount Etna, Mount Kilimanjaro, Lake Geneva, Lake Titicaca, Lake Victoria, Niagara Falls, Table Mountain, Loch Ness, Cape Horn, Big Sur
"""

PHRASES = """
my first day at school, my grandmother's kitchen, the last bus home, a letter I never sent, losing my keys, a walk after dinner, being the oldest child, the smell of old books, the sound of rain on a tent, my neighbour's piano, Sunday mornings,
an empty train station, the light in October, being late, waking up at four, the art of doing nothing, life without a phone, a good night's sleep, the perfect sandwich, cleaning the garage, my father's tools, the end of summer, first snow in town,
learning to say no, running out of coffee, talking to plants, missing the last train, eating alone, working from a café, the meaning of home, a friend who moved away, living on a boat, a day without internet, moving to the countryside, the first warm day,
how bread is made, why cats purr, why the sky is blue, how bees talk, why we dream, how clocks work, why people yawn, how tea came to Europe, a world without money, things my mother says, what makes a good teacher, the best seat on the bus,
the secret life of pigeons, growing old together, a broken promise, the middle of the night, my old running shoes, a stranger's smile, ten years of marriage, saying sorry first, too many open tabs, one more cup of tea, an unexpected visitor,
my town's only traffic light, our company picnic, the new intern, the coffee machine on our floor, the company's tenth birthday, our summer sale, the new bike lane on our street, a lost cat in our street, my son's first goal, my daughter's first tooth
"""

ADJECTIVES = """
abandoned, ancient, angry, antique, big, black, blue, borrowed, brave, broken, brown, busy, cheap, clever, cold, colourful, crooked, curious, dark, dusty, electric, elegant, empty, enormous, expensive, faded, fancy, fast, flying, forgotten, fragile, friendly,
frozen, giant, golden, green, grey, grumpy, handmade, haunted, heavy, hidden, hollow, homemade, huge, hungry, invisible, lazy, little, lonely, loud, lucky, magic, medieval, melting, modern, musical, mysterious, narrow, nervous, new, noisy, odd, old, orange,
ordinary, painted, perfect, pink, plastic, polite, portable, precious, purple, quiet, rare, red, retired, round, royal, sad, second-hand, secret, shiny, silent, silver, sleepy, slow, small, soft, solar, square, stolen, stone, strange, stubborn, stuffed,
talking, tall, terrible, tiny, travelling, ugly, unfinished, unknown, upside-down, useless, vintage, violet, wet, white, wild, wise, wooden, wonderful, wrong, yellow, young
"""

ABOUT = [
    "the history of {}", "the future of {}", "the science of {}", "the psychology of {}", "the price of {}", "the joy of {}", "the art of {}", "the story of {}", "the secret of {}", "the meaning of {}", "the trouble with {}", "my love for {}", "my fear of {}",
    "life with {}", "life without {}", "a world without {}", "talking to kids about {}", "learning about {}", "the smell of {}", "the sound of {}", "the colour of {}", "the beauty of {}", "a book about {}", "a film about {}", "a song about {}", "my first {1}", "a dream about {}",
    "{} and me", "{} in winter", "{} in summer", "{} at night", "{} on a budget", "{} for beginners", "{} for kids", "{} after work", "{} in space", "{} in the city", "{} in ancient Rome", "{} in the age of AI", "{} at home", "{} at school", "{} on Mars",
]

ONSETS = "b c d f g h j k l m n p r s t v w z bl br cl cr dr fl fr gl gr pl pr qu sc sh sk sl sm sn sp st str sw th tr tw ch y x".split(" ")
VOWELS = "a e i o u a e i o ai ea ee ia io oo ou y au".split(" ")
CODAS = ["", "", "", "", "b", "ck", "d", "ft", "g", "l", "ll", "m", "n", "nd", "ng", "nk", "p", "r", "rk", "rn", "s", "sh", "st", "t", "th", "x", "z", "lt"]
ENDINGS = ["", "", "", "", "a", "o", "er", "ix", "ia", "ium", "ette", "ski", "ton", "ford", "ology", "ism", "script", "let", "is", "us", "y", "ball", "berry", "ina", "ics", "db", "lang", "wood"]
PLACE_NAMES = ["Lake {}", "Mount {}", "Cape {}", "{} Bay", "{} Island", "Port {}", "the {} valley", "New {}", "Saint {}", "{}ville", "{}burg", "{} Falls", "the {} mountains", "{} National Park", "the island of {}", "the town of {}"]
VISITS = ["a weekend in {}", "winter in {}", "a summer in {}", "three days in {}", "a night in {}", "breakfast in {}", "living in {}", "moving to {}", "a train ride to {}", "the road to {}", "a postcard from {}", "the streets of {}", "the people of {}"]


def listed(text):
    return [item.strip() for item in text.replace("\n", " ").split(",") if item.strip()]


COUNT, MASS, PLURAL, DO, NAMES, PLACES, PHRASES, ADJECTIVES = map(listed, (COUNT, MASS, PLURAL, DO, NAMES, PLACES, PHRASES, ADJECTIVES))
FIRST_WORDS = sorted({item.split(" ")[0] for item in COUNT if " " not in item and len(item) < 9})


def plural_of(noun):
    if noun.endswith(("s", "x", "ch", "sh", "z")):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


OWNED = listed("""accordion, antique clock, apron, atlas, axe, badge, barometer, basket, bathtub, bell, bench, birdcage, blanket, bookcase, boomerang, bracelet, broom, bucket, cabinet, camera, candlestick, carpet, chair, chessboard, coat, coat rack, compass,
    cowbell, cradle, cupboard, cushion, desk, dictionary, doorstop, dress, drum, easel, fan, fiddle, flag, flashlight, flute, fountain pen, frame, globe, gong, guitar, hammock, harmonica, harp, hat, helmet, hourglass, jacket, jar, kettle, kite,
    ladder, lamp, lantern, magnifying glass, map, mask, microscope, mirror, music box, necklace, painting, paperweight, parachute, pen, piano, picture, pillow, pocket watch, poster, pot, projector, puppet, quilt, radio, record player, ring, rocking chair,
    rug, saddle, sail, samovar, scale, scarf, sewing machine, shelf, shovel, skateboard, sled, sleeping bag, snow globe, sofa, spoon, stool, suitcase, sword, table, teapot, telescope, tent, thermos, toaster, toolbox, trumpet, trunk, typewriter,
    umbrella, unicycle, vase, violin, wagon, walking stick, wardrobe, wheelbarrow, whistle, xylophone, yo-yo""")

# Their plural is not noun + s.
ODD = ("man", "mouse", "wolf", "leaf", "knife", "shelf", "deer", "sheep", "moose", "ox", "dice", "fish", "shrimp", "salmon", "squid", "goose", "scarf", "echo", "tomato", "volcano", "loaf", "half", "jellyfish")


def invented(rng):
    while True:
        word = "".join(rng.choice(ONSETS) + rng.choice(VOWELS) + rng.choice(CODAS) for _ in range(rng.choice((1, 2, 2, 2, 3)))) + rng.choice(ENDINGS)
        if 3 < len(word) < 13:
            return word


def noun_phrase(rng):
    """A countable noun with up to one modifier, without article."""
    noun = rng.choice(COUNT)
    shape = rng.random()
    if shape < 0.45:
        return noun
    if shape < 0.85 or " " in noun:
        return rng.choice(ADJECTIVES) + " " + noun
    return rng.choice(FIRST_WORDS) + " " + noun


def thing(rng):
    """(text, kind): one that a person may own is a thing."""
    if rng.random() < 0.35:
        noun, article = rng.choice(OWNED), rng.choice(("a", "a", "a", "my uncle's"))
        return f"{article} {rng.choice(ADJECTIVES)} {noun}" if rng.random() < 0.6 else f"{article} {noun}", "thing"
    return rng.choice(("a", "a", "a", "the", "my", "our", "this", "my uncle's", "my aunt's", "the neighbour's", "my brother's")) + " " + noun_phrase(rng), "odd"


def several(rng):
    if rng.random() < 0.4:
        noun = rng.choice(PLURAL)
    else:
        noun = rng.choice([n for n in rng.sample(COUNT, 8) if not n.endswith(ODD)])
        noun = plural_of(noun)
    return rng.choice(ADJECTIVES) + " " + noun if rng.random() < 0.35 else noun


def activity(rng):
    shape = rng.random()
    if shape < 0.6:
        return rng.choice(DO)
    if shape < 0.8:
        word = invented(rng).rstrip("aeiouy")
        return word + "ing" if len(word) > 2 else rng.choice(DO)
    return rng.choice(FIRST_WORDS) + " " + rng.choice(("painting", "racing", "watching", "collecting", "making", "throwing", "hunting", "rolling", "spotting", "dancing", "polishing", "stacking", "photography", "design", "jumping", "wrestling"))


def place(rng):
    shape = rng.random()
    if shape < 0.6:
        return rng.choice(PLACES)
    return rng.choice(PLACE_NAMES).format(invented(rng).capitalize())


def name(rng):
    """A name without meaning to the model, or one that may have some: of persons, products, times."""
    shape = rng.random()
    if shape < 0.3:
        return rng.choice(NAMES)
    word = invented(rng)
    if shape < 0.58:
        return word.capitalize()
    if shape < 0.72:
        return word
    if shape < 0.8:
        return f"{invented(rng).capitalize()} {word.capitalize()}"
    if shape < 0.88:
        return f"the {word.capitalize()} {rng.choice(FIRST_WORDS)}"
    return f"the {word.capitalize()} {rng.choice(('method', 'effect', 'theory', 'library', 'programming language', 'project', 'problem', 'family', 'project', 'festival', 'framework', 'diet', 'rule', 'museum', 'company', 'law'))}"


def about(rng):
    form = rng.choice(ABOUT)
    if "{1}" in form:
        return form.replace("{1}", noun_phrase(rng))
    return form.format(rng.choice((rng.choice(MASS), several(rng), rng.choice(MASS), rng.choice(DO))))


def draw(rng):
    kind = rng.choices(
        ("thing", "several", "mass", "modified", "activity", "place", "visit", "name", "about", "phrase", "foreign", "number"), (15, 15, 14, 3, 12, 7, 4, 18, 6, 2, 5, 2)
    )[0]
    if kind == "thing":
        text, kind = thing(rng)
        return text, False, kind
    if kind == "several":
        return several(rng), True, "any"
    if kind == "mass":
        return rng.choice(MASS), False, "any"
    if kind == "modified":
        return rng.choice(ADJECTIVES) + " " + rng.choice([m for m in rng.sample(MASS, 9) if m[0].islower()] or ["paper"]), False, "any"
    if kind == "activity":
        return activity(rng), False, "activity"
    if kind == "place":
        return place(rng), False, "place"
    if kind == "visit":
        return rng.choice(VISITS).format(place(rng)), False, "odd"
    if kind == "name":
        return name(rng), False, "any"
    if kind == "foreign":
        return foreign.word(rng), False, "any"
    if kind == "number":
        return *foreign.number(rng), "odd"
    return (rng.choice(PHRASES) if kind == "phrase" else about(rng)), False, "odd"
