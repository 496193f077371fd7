"""Subjects in other letters, with numbers, and in odd spelling: a model that has copied such words can name them, whatever they mean to it.

word(rng) is one in another alphabet or with accents, number(rng) one with figures. All words are of general use in their languages.
"""

WORDS = """
кофе, музыка, зима, книга, шахматы, самовар, метель, Волга, балет, берёза, борщ, Москва, Київ, вишня, соняшник, музей, поезд, утро, сад, море, хлеб, дружба, снег, ёлка, чай, лес, время, город, дождь,
θάλασσα, μουσική, Ακρόπολη, φιλία, ελιά, ήλιος, βιβλίο, καφές, σκάκι, νησί, ψωμί, Κρήτη, ποίηση, χορός, βροχή, ουρανός,
コーヒー, 猫, 音楽, 桜, 東京, 富士山, 俳句, 漫画, お茶, 雨, 電車, 寿司, カメラ, ゲーム, テレビ, さくら, ことば, たび, 本, 花火, 将棋, 温泉, ラジオ,
咖啡, 北京, 长城, 熊猫, 书法, 功夫, 茶, 春节, 月亮, 音乐, 朋友, 学习, 饺子, 火车, 太极, 上海, 家, 时间, 雪, 电影,
커피, 서울, 김치, 음악, 한글, 바다, 친구, 비빔밥, 시간, 눈, 여행, 책, 고양이, 부산, 축구,
قهوة, موسيقى, كتاب, القاهرة, صداقة, البحر, شاي, قمر, مدينة, سلام, خبز, شتاء, תל אביב, ספר, קפה, ים, חבר, מוזיקה, שבת, לחם, ירושלים,
चाय, संगीत, दिल्ली, किताब, दोस्ती, होली, क्रिकेट, बारिश, हिमालय, योग, สวัสดี, กาแฟ, กรุงเทพ, ดนตรี, მუსიკა, თბილისი, ღვინო, Երևան, գիրք, դուդուկ,
São Paulo, Köln, Zürich, Malmö, Ærø, Århus, Tromsø, Łódź, Kraków, Reykjavík, Curaçao, Bogotá, Perú, Málaga, Côte d'Azur, Orléans, Besançon, Genève, Düsseldorf, Göteborg, Jyväskylä, Plzeň, České Budějovice, Győr, Pécs, Iași, Brașov, Čakovec,
Šibenik, Diyarbakır, İzmir, Eskişehir, Hà Nội, Đà Nẵng, phở bò, crème brûlée, crêpes, pâté, piñata, jalapeño, mañana, señorita, fiancée, naïveté, déjà vu, smörgåsbord, fika på jobbet, Käsespätzle, Schäferhund, Straßenbahn, Gemütlichkeit, Föhn,
Dvořák, Smetana's Má vlast, Björk, Motörhead, Beyoncé, Édith Piaf, Antonín Novák, Søren Kierkegaard, Gabriel García Márquez, Kurt Gödel, Erwin Schrödinger, André-Marie Ampère, Ångström, Brontë sisters, żurek, pączki, kürtőskalács, açaí, pão de queijo
"""

LETTERS = [
    "абвгдежзиклмнопрстуфхцчшыьэюя", "αβγδεζηθικλμνξοπρστυφχψω", "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン",
    "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわん", "山川水火木金土日月人口手目耳心天地上下大小中文字学生先国家年時分東西南北白黒赤青花鳥魚牛馬犬虫草森林田村町道車電",
    "가나다라마바사아자차카타파하고노도로모보소오조초코토포호구누두루무부수우주", "ابتثجحخدذرزسشصضطعغفقكلمنهوي", "אבגדהוזחטיכלמנסעפצקרשת", "अआइईउऊएकखगघचछजझटठडढतथदधनपफबभमयरलवशषसह", "กขคงจชซญดตถทนบปผพฟมยรลวสหอ",
    "აბგდევზთიკლმნოპრსტუფქღყშჩცძწჭხჯჰ", "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցփքօֆ",
]
ACCENTED = "áàâäãåāąćčçďéèêëęěğíìîïıłńñňóòôöõøőŕřśšşťúùûüůűýźžżßæœđ"

NUMBERED = [
    "the year 1{d}{d}{d}", "the year 20{d}{d}", "the {n}s", "room {n}", "bus number {n}", "line {n}", "Version {d}.{d}", "Windows {n}", "{n} days of yoga", "{n} cups of coffee", "the number {n}", "page {n}", "a {n} km walk",
    "chapter {n}", "Area {n}", "Route {n}", "Python 3.{n}", "Formula {d}", "Apollo {n}", "the {n} bus", "a {n} year old piano", "my {n}th birthday", "{n} questions", "{n} chickens", "table {n}", "Boeing 7{d}7", "MP{d}", "Web {d}.0", "the class of {n}",
    "episode {n}", "house number {n}", "symphony no. {d}", "{n} postcards", "the {d}:{n} train", "gate {d}", "catch {n}", "level {n}", "{d}D films", "a {n} euro note", "channel {n}", "USB {d}.0", "the first {n} days", "the 19{d}0s", "the 18{d}0s",
]


def load(text):
    return [item.strip() for item in text.replace("\n", " ").split(",") if item.strip()]


WORDS = load(WORDS)


def made_up(rng):
    if rng.random() < 0.3:
        plain = "abdefgiklmnoprstuvz"
        word = "".join(rng.choice(ACCENTED if rng.random() < 0.35 else plain) for _ in range(rng.randrange(3, 9)))
        return word.capitalize() if rng.random() < 0.6 else word
    letters = rng.choice(LETTERS)
    longest = 5 if ord(letters[0]) > 0x2E80 else 8
    return "".join(rng.choice(letters) for _ in range(rng.randrange(2, longest)))


def word(rng):
    return rng.choice(WORDS) if rng.random() < 0.5 else made_up(rng)


def number(rng):
    """(subject, plural)"""
    form = rng.choice(NUMBERED)
    while "{d}" in form:
        form = form.replace("{d}", str(rng.randrange(10)), 1)
    return form.replace("{n}", str(rng.choice((rng.randrange(2, 100), rng.randrange(2, 1000))))), form.startswith(("{n}", "the {n}s", "the first", "the 19", "the 18"))
