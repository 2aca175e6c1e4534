"""Word lists behind the values: names, places and trades of many countries. Held-out pages use one word in five."""

from functools import cache

from training.render.fonts import held_out
from training.render.page import Split

FIRST_NAMES = """James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph Jessica Thomas
Sarah Charles Karen Daniel Nancy Matthew Lisa Anthony Betty Mark Margaret Steven Sandra Andrew Ashley Paul Emily Joshua Donna Kenneth
Michelle Kevin Carol Brian Amanda George Dorothy Edward Melissa Ronald Deborah Oliver Amelia Harry Isla Jack Freya Hans Ursula Jürgen
Renate Günter Sabine Wolfgang Monika Stefan Claudia Lukas Lena Jonas Hannah Jörg Käthe Pierre Marie Jean Françoise Michel Hélène Luc
Chloé Rémi Zoé Benoît Élodie François Noémie José María Antonio Carmen Manuel Ana Iñigo Lucía Álvaro Begoña Giovanni Giulia Marco
Francesca Luca Chiara Niccolò Sofia Jan Anna Pieter Johanna Willem Saskia Daan Femke João Inês Rui Conceição Lars Ingrid Søren Åse
Björn Astrid Mikkel Freja Eetu Aino Niamh Ciarán Siobhán Priya Arjun Mei Wei Yuki Hiroshi Fatima Omar Aisha Ahmed Chidi Ngozi Kwame
Olga Ivan Katarina Milan Agnieszka Tomasz Zofia Marek Elif Emre Leila Hassan Noor Samir Ravi Anjali Hyun Minh Linh""".split()
LAST_NAMES = """Smith Johnson Williams Brown Jones Garcia Miller Davis Wilson Anderson Taylor Moore Jackson Martin Lee Thompson White Harris
Clark Lewis Robinson Walker Young Allen King Wright Scott Hill Green Baker Nelson Carter Mitchell Turner Phillips Evans Edwards Collins
Stewart Morris Murphy Cook Rogers Bailey Cooper Howard Ward Brooks Watson Bennett Wood Müller Schmidt Schneider Fischer Weber Meyer Wagner
Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf Schröder Neumann Schwarz Krüger Weiß Dubois Durand Leroy Moreau Lefèvre
Girard Rousseau Mercier Dupont Fournier Gauthier Hernández López González Pérez Sánchez Romero Navarro Núñez Ibáñez Rossi Russo Ferrari
Esposito Bianchi Romano Colombo Ricci Jansen Bakker Visser Smit Meijer Mulder Silva Santos Ferreira Oliveira Gonçalves Magalhães
Nielsen Hansen Sørensen Jørgensen Larsson Lindström Åkesson Östberg Virtanen Byrne Kelly Gallagher Doherty Patel Sharma Singh Khan Chen
Wang Nguyen Kim Tanaka Okafor Mensah Novak Kowalski Horvat Petrov Yilmaz Haddad Rahman Iyer Castellanos Vanderbilt Featherstone""".split()
COMPANY_WORDS = """Alpine Harbour Granite Meridian Cobalt Lighthouse Falcon Juniper Copper Summit Willow Northern Atlas Beacon Cedar Delta
Evergreen Foundry Golden Horizon Ironbridge Keystone Lakeside Maple Nordic Orchard Pioneer Quantum Riverside Silver Timber Union Valley
Westfield Zenith Amber Blue Castle Crown Eagle First Global Highland Imperial Liberty Metro Nova Ocean Pacific Royal Sterling Trident
United Vertex Bright Clear Grand Prime Rapid Solid Swift Urban Anchor Birch Crescent Dynamic Express Fusion Garden Heritage Island""".split()
TRADES = """Logistics Trading Consulting Engineering Foods Supplies Systems Services Partners Holdings Industries Solutions Interiors Textiles
Electronics Pharma Media Printing Motors Design Software Energy Marine Construction Catering Cleaning Security Travel Optics Plumbing
Hardware Paper Tools Instruments Packaging Metals Glass Timber Furniture Bakery Wines Books Toys Garden Freight Roofing Labs Studio""".split()
COMPANY_FORMS = ("Ltd", "Ltd.", "LLC", "Inc.", "GmbH", "AG", "S.A.", "SARL", "B.V.", "S.p.A.", "S.L.", "Co.", "PLC", "KG", "& Co.", "Group", "SAS", "Oy", "AB", "ApS", "")  # fmt: skip
SHOP_WORDS = """Market Corner Bakery Café Deli Grocer Pharmacy Bistro Kiosk Mart Store Shop Diner Bar Grill Kitchen Books Hardware Garage
Florist Supermarket Express Outlet Pizzeria Butcher Cellar Teahouse Burger Noodles Petrol""".split()
STREETS = """Station Church Park Mill Queen Victoria King Bridge Castle Chestnut Lime Oak Elm Garden Harbour Market School Spring Water
Windsor York Abbey Albert Baker Canal Chapel Dock Forest Grove Highfield Kingsway London Meadow North Orchard Priory River Rose South
Temple Union West Willow""".split()
STREET_KINDS = ("Street", "Road", "Avenue", "Lane", "Drive", "Close", "Way", "Square", "St", "Rd", "Ave", "Blvd", "Court", "Place")
CONTINENTAL_STREETS = """Bahnhofstraße,Hauptstraße,Schillerstr.,Goethestraße,Am Markt,Lindenallee,Gartenweg,Rue de la Paix,Rue Victor Hugo,
Avenue Foch,Boulevard Voltaire,Rue des Écoles,Place du Marché,Calle Mayor,Calle de Alcalá,Avenida de la Constitución,Paseo del Prado,
Via Roma,Via Garibaldi,Corso Italia,Piazza Duomo,Via Dante,Keizersgracht,Hoofdstraat,Kerkstraat,Stationsweg,Rua Augusta,Rua da Conceição,
Avenida da Liberdade,Storgatan,Drottninggatan,Vestergade,Nørrebrogade,Karl Johans gate,Mannerheimintie,Grafton Quay,Patrick Row""".replace("\n", "").split(",")  # fmt: skip
CITIES = """London,Manchester,Bristol,Leeds,Glasgow,Cardiff,Belfast,Dublin,Cork,Boston,Denver,Portland,Austin,Chicago,Seattle,Atlanta,
Phoenix,San Diego,New York,Sacramento,Columbus,Toronto,Vancouver,Montréal,Sydney,Perth,Auckland,Berlin,Hamburg,München,Köln,Frankfurt,
Stuttgart,Leipzig,Düsseldorf,Nürnberg,Wien,Graz,Zürich,Genève,Basel,Paris,Lyon,Marseille,Toulouse,Nantes,Lille,Bordeaux,Orléans,
Madrid,Barcelona,Sevilla,Valencia,Málaga,A Coruña,Bilbao,Roma,Milano,Torino,Napoli,Bologna,Firenze,Amsterdam,Rotterdam,Utrecht,Den Haag,
Brussel,Antwerpen,Liège,Lisboa,Porto,Coimbra,Stockholm,Göteborg,Malmö,København,Århus,Oslo,Bergen,Tromsø,Helsinki,Tampere,Luxembourg,
Springfield,Riverside,Fairview,Georgetown,Franklin,Salem,Clinton,Greenville,Bournemouth,Norwich,Exeter,Durham""".replace("\n", "").split(",")  # fmt: skip
ITEM_ADJECTIVES = """Steel Wooden Blue Red Heavy Light Compact Premium Standard Extra Large Small Wireless Digital Portable Industrial Office
Organic Recycled Double Stainless Folding Adjustable Waterproof Black White Deluxe Basic Mini Classic Annual Monthly Custom Rapid""".split()
ITEM_NOUNS = """Bolt Bracket Cable Chair Desk Lamp Monitor Keyboard Printer Toner Paper Envelope Folder Pump Valve Filter Motor Switch Panel
Sensor Battery Charger Adapter Hammer Drill Ladder Gloves Helmet Boots Jacket Towel Soap Coffee Tea Sugar Flour Bread Cheese Butter Apples
Oranges Tomatoes Rice Pasta Juice Water Milk Yoghurt Chocolate Biscuits License Subscription Consulting Training Installation Maintenance
Delivery Support Hosting Design Review Audit Inspection Cleaning Repair Rental Transport Translation Workshop Hinge Gasket Bearing Clamp""".split()
PROSE = """the of and to in is that for it as was with be by on not he his but at are this have from or had an they which one you were her all
she there would their we him been has when who will more no if out so said what up its about into than them can only other new some could
time these two may then do first any my now such like our over man me even most made after also did many before must through years where
much your way well down should because each just those people how too little state good very make world still own see men work long get
here between both life being under never day same another know while last might us great old year off come since against go came right
used take three account service order payment agreement customer delivery office report policy review request department information
process market contract product quality support member notice period provided following received regarding please attached further
kindly current monthly change project including available required within without during general public company national several""".split()
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
SYLLABLES = """ba be bi bo bra bre bri ca ce chi co cra da de di do dra du el en er fa fe fi fo fra ga ge gi go gra ha he hi ho in is ja jo
ka ke ki ko kra la le li lo lu ma me mi mo mu na ne ni no nu or pa pe pi po pra qui ra re ri ro ru sa se sha si so sta ta te thi ti to tra
tu va ve vi vo wa we wi xa ya za ze zi zo ber den dor fen gar hal ker lan lin mar nor pen ran sen ter ton val ven ver wen zan""".split()
EMAIL_HOSTS = ("example.com", "mail.example", "post.example.org", "example.net", "inbox.example")
BANKS = ("Bank", "Savings Bank", "Credit Union", "Banking Group", "Trust Bank", "Bank & Trust", "Sparkasse", "Banque", "Banca", "Banco")


@cache
def part(split: Split, name: str) -> tuple[str, ...]:
    """The words of a list (by its name here) that belong to the split: one in five is held out by its hash."""
    words = [word.strip() for word in globals()[name]]
    mine = tuple(w for w in words if held_out(f"{name}:{w}") == (split is Split.HELD_OUT))
    return mine or tuple(words)
