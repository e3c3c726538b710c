"""What happens in the invented month. The offices and weapons exist; none of this was ever said or done."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Who speaks, and who carries it first."""

    name: str
    short: str
    city: str
    relay: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A limit that somebody draws: an act of the other side and its consequence, each in two wordings."""

    office: str
    topic: str
    act: str
    """A noun phrase: any deployment of …"""
    clause: str
    """The same after "if"."""
    then: str
    """After "will": be met with …"""
    act2: str
    then2: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Threat:
    """Harm that somebody announces, in two wordings that follow "will"."""

    office: str
    topic: str
    deed: str
    deed2: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A stage of a transfer between two states; ``detail`` follows the announcement."""

    stage: Literal["requested", "refused", "pledged", "delivered", "suspended", "use_permitted", "used"]
    giver: str
    taker: str
    weapon: str
    topic: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Novelty:
    """A system that nobody has seen before."""

    land: str
    name: str
    sort: str
    topic: str
    detail: str


Happening = Line | Threat | Step | Novelty

OFFICES = {
    "mid": Office(name="the Russian Foreign Ministry", short="Moscow", city="MOSCOW", relay="TASS"),
    "kremlin": Office(name="the Kremlin", short="Kremlin", city="MOSCOW", relay="RIA Novosti"),
    "rumod": Office(name="the Russian Defence Ministry", short="Moscow", city="MOSCOW", relay="Interfax"),
    "belmod": Office(name="the Belarusian Defence Ministry", short="Minsk", city="MINSK", relay="BelTA"),
    "iran": Office(name="the Iranian Foreign Ministry", short="Tehran", city="TEHRAN", relay="IRNA"),
    "irgc": Office(name="the Islamic Revolutionary Guard Corps", short="Tehran", city="TEHRAN", relay="Tasnim"),
    "idf": Office(name="the Israeli Defense Ministry", short="Israel", city="JERUSALEM", relay="Kan radio"),
    "dprk": Office(name="the North Korean Defence Ministry", short="Pyongyang", city="SEOUL", relay="KCNA"),
    "china": Office(name="the Chinese Foreign Ministry", short="Beijing", city="BEIJING", relay="Xinhua"),
    "pla": Office(name="the Chinese Defence Ministry", short="Beijing", city="BEIJING", relay="Xinhua"),
    "pakistan": Office(
        name="the Pakistani Foreign Ministry", short="Islamabad", city="ISLAMABAD", relay="state television"
    ),
    "india": Office(name="the Indian Defence Ministry", short="New Delhi", city="NEW DELHI", relay="PTI"),
    "turkey": Office(name="the Turkish Defence Ministry", short="Ankara", city="ANKARA", relay="Anadolu"),
    "nato": Office(name="NATO", short="NATO", city="BRUSSELS", relay="the alliance's press office"),
    "us": Office(name="the U.S. State Department", short="Washington", city="WASHINGTON", relay="Reuters"),
    "pentagon": Office(name="the Pentagon", short="Washington", city="WASHINGTON", relay="AP"),
}

LINES = (
    Line(
        office="mid", topic="missiles in the Baltic states", act="any deployment of medium-range missiles in Estonia",
        clause="medium-range missiles appear in Estonia", then="be regarded as a direct threat and answered in kind",
        act2="stationing medium-range missiles on Estonian soil", then2="be answered with mirror measures",
    ),
    Line(
        office="kremlin", topic="foreign troops in Odesa", act="the arrival of French troops in Odesa",
        clause="French troops land in Odesa", then="mean that France has become a party to the war",
        act2="sending French soldiers to the Black Sea port of Odesa",
        then2="make France a direct participant in the conflict",
    ),
    Line(
        office="rumod", topic="reconnaissance flights", act="any drone flight within 30 kilometres of Sevastopol",
        clause="drones come within 30 kilometres of Sevastopol", then="end with the aircraft being shot down",
        act2="flying reconnaissance drones close to Sevastopol", then2="lead to their immediate destruction",
    ),
    Line(
        office="mid", topic="the Kaliningrad transit", act="a blockade of rail traffic to Kaliningrad",
        clause="Lithuania closes the railway to Kaliningrad", then="be treated as an act of aggression",
        act2="cutting the railway to Kaliningrad", then2="amount to aggression against Russia",
    ),
    Line(
        office="belmod", topic="the Suwalki exercise", act="a crossing of the border by a single Polish soldier",
        clause="a single Polish soldier crosses the border", then="be repelled with every weapon we have",
        act2="any incursion of Polish troops", then2="be met with the full force of the army",
    ),
    Line(
        office="iran", topic="the nuclear sites", act="an attack on the enrichment plant at Fordow",
        clause="the enrichment plant at Fordow is attacked", then="force Iran to leave the Non-Proliferation Treaty",
        act2="striking the Fordow plant", then2="drive Tehran out of the Non-Proliferation Treaty",
    ),
    Line(
        office="irgc", topic="tankers in the Gulf", act="the seizure of another Iranian tanker",
        clause="another Iranian tanker is seized", then="be followed by the closure of the Strait of Hormuz",
        act2="boarding one more Iranian tanker", then2="bring the closure of the Strait of Hormuz",
    ),
    Line(
        office="idf", topic="rockets from Lebanon", act="a single rocket on Haifa",
        clause="a single rocket falls on Haifa", then="be answered with strikes on Beirut",
        act2="rocket fire at Haifa", then2="result in strikes on the centre of Beirut",
    ),
    Line(
        office="dprk", topic="the carrier visit", act="the return of an American aircraft carrier to Busan",
        clause="an American aircraft carrier returns to Busan", then="be regarded as a declaration of war",
        act2="another American carrier in the port of Busan", then2="be seen as nothing less than a declaration of war",
    ),
    Line(
        office="china", topic="Taiwan's parliament", act="a declaration of independence by Taipei",
        clause="Taipei declares independence", then="mean war",
        act2="any formal move to independence by Taiwan", then2="leave Beijing no choice but war",
    ),
    Line(
        office="pla", topic="the Scarborough Shoal", act="a Philippine outpost on the Scarborough Shoal",
        clause="the Philippines builds an outpost on the Scarborough Shoal", then="cross a red line",
        act2="putting up a structure at the Scarborough Shoal", then2="be a red line for China",
    ),
    Line(
        office="pakistan", topic="the Indus waters", act="the diversion of a single drop of the Indus",
        clause="India diverts a single drop of the Indus", then="be considered an act of war",
        act2="diverting the waters of the Indus", then2="be treated as an act of war",
    ),
    Line(
        office="turkey", topic="the islands", act="the arming of Kastellorizo",
        clause="Greece arms the island of Kastellorizo", then="have serious consequences for Athens",
        act2="stationing Greek artillery on Kastellorizo", then2="carry the gravest consequences",
    ),
    Line(
        office="nato", topic="undersea cables", act="another cut cable in the Baltic Sea",
        clause="another cable is cut in the Baltic Sea", then="be met with a united and determined response",
        act2="further sabotage of cables in the Baltic", then2="draw a determined response from all allies",
    ),
    Line(
        office="us", topic="chemical weapons", act="the use of chlorine by the Syrian army",
        clause="the Syrian army uses chlorine again", then="have the most severe consequences",
        act2="any chlorine attack by Damascus", then2="bring severe consequences",
    ),
    Line(
        office="mid", topic="the frozen assets", act="the confiscation of Russian reserves in Belgium",
        clause="Belgium confiscates Russian reserves", then="lead to a break in diplomatic relations",
        act2="taking the Russian reserves held in Brussels", then2="cause Moscow to break off relations",
    ),
    Line(
        office="kremlin", topic="peacekeepers", act="the presence of British peacekeepers in Kharkiv",
        clause="British peacekeepers enter Kharkiv", then="be unacceptable and make them legitimate targets",
        act2="putting British peacekeepers into Kharkiv", then2="turn them into legitimate targets",
    ),
    Line(
        office="iran", topic="the snapback of sanctions", act="the return of United Nations sanctions",
        clause="United Nations sanctions return", then="end all inspections of nuclear sites",
        act2="bringing back United Nations sanctions", then2="put an end to every inspection",
    ),
    Line(
        office="dprk", topic="leaflets", act="another balloon with leaflets over the border",
        clause="another balloon with leaflets crosses the border", then="be answered with artillery fire",
        act2="sending more leaflets across the border", then2="meet with artillery fire",
    ),
    Line(
        office="china", topic="missiles in Japan", act="the basing of American hypersonic missiles in Okinawa",
        clause="American hypersonic missiles are based in Okinawa", then="compel China to take countermeasures",
        act2="placing American hypersonic missiles on Okinawa", then2="force Beijing into countermeasures",
    ),
    # the same office, sharper: a new line
    Line(
        office="mid", topic="missiles in Finland", act="the hosting of nuclear weapons by Finland",
        clause="Finland hosts nuclear weapons", then="make its bases priority targets for our nuclear forces",
        act2="putting nuclear weapons on Finnish territory", then2="turn its bases into targets of nuclear forces",
    ),
    Line(
        office="kremlin", topic="strikes deep into Russia", act="a missile strike on Saint Petersburg",
        clause="missiles hit Saint Petersburg", then="open the way to the use of nuclear weapons",
        act2="a missile attack on Saint Petersburg", then2="make the use of nuclear weapons possible",
    ),
)  # fmt: skip

THREATS = (
    Threat(office="rumod", topic="Kyiv's energy plants", deed="strike power plants across western Ukraine this winter",
           deed2="hit the power plants of western Ukraine before winter"),
    Threat(office="irgc", topic="revenge for Isfahan", deed="destroy the port of Haifa with missiles",
           deed2="launch missiles that will destroy the port of Haifa"),
    Threat(office="dprk", topic="a new satellite", deed="carry out a seventh nuclear test before the end of the year",
           deed2="conduct its seventh nuclear test this year"),
    Threat(office="idf", topic="Gaza City", deed="bomb every tunnel under Gaza City until nothing is left",
           deed2="destroy every tunnel beneath Gaza City by bombing"),
    Threat(office="belmod", topic="the airspace", deed="shoot down any balloon from Lithuania without warning",
           deed2="fire without warning at balloons from Lithuania"),
    Threat(office="mid", topic="the gas transit", deed="cut off all gas supplies to Moldova on October 1",
           deed2="stop every delivery of gas to Moldova from October"),
    Threat(office="china", topic="arms for Taiwan", deed="retaliate against American defence firms within days",
           deed2="hit back at American arms makers in the coming days"),
    Threat(office="kremlin", topic="Kaliningrad", deed="deploy additional nuclear forces in Kaliningrad",
           deed2="station more nuclear forces in the Kaliningrad region"),
    Threat(office="india", topic="the ceasefire line",
           deed="strike camps across the line of control when it chooses",
           deed2="attack camps beyond the line of control at a time of its choice"),
    Threat(office="turkey", topic="northern Syria", deed="launch a ground offensive against Kobani within weeks",
           deed2="send ground troops against Kobani in the next weeks"),
    Threat(office="pentagon", topic="attacks on bases",
           deed="destroy the militias that fired at American troops in Iraq",
           deed2="wipe out the Iraqi militias that shelled American troops"),
)  # fmt: skip

STEPS = (
    Step(stage="requested", giver="Sweden", taker="Moldova", weapon="RBS 70 air defence missiles",
         topic="air defence for Moldova", detail="The list was handed over during a visit to Stockholm."),
    Step(stage="pledged", giver="Sweden", taker="Moldova", weapon="RBS 70 air defence missiles",
         topic="air defence for Moldova", detail="Training is to start in spring."),
    Step(stage="pledged", giver="South Korea", taker="Estonia", weapon="K239 Chunmoo rocket launchers",
         topic="rocket launchers for Estonia", detail="The contract is worth 290 million euros."),
    Step(stage="requested", giver="Germany", taker="Ukraine", weapon="Taurus cruise missiles",
         topic="Taurus for Ukraine", detail="It is the fourth such letter in two years."),
    Step(stage="refused", giver="Germany", taker="Ukraine", weapon="Taurus cruise missiles",
         topic="Taurus for Ukraine", detail="The decision divides the coalition."),
    Step(stage="delivered", giver="France", taker="Armenia", weapon="Caesar howitzers",
         topic="howitzers for Armenia", detail="A further twelve will follow by March."),
    Step(stage="pledged", giver="Turkey", taker="Kosovo", weapon="Bayraktar TB2 drones",
         topic="drones for Kosovo", detail="Belgrade protested at once."),
    Step(stage="pledged", giver="India", taker="Vietnam", weapon="BrahMos missiles",
         topic="BrahMos for Vietnam", detail="Hanoi had negotiated for three years."),
    Step(stage="delivered", giver="India", taker="the Philippines", weapon="Akash air defence missiles",
         topic="Akash for Manila", detail="The crates came in two transport aircraft."),
    Step(stage="delivered", giver="Iran", taker="Sudan", weapon="Mohajer-6 drones",
         topic="drones for Sudan", detail="Satellite pictures show four of them in Port Sudan."),
    Step(stage="used", giver="", taker="Sudan", weapon="Mohajer-6 drones",
         topic="drones over Khartoum", detail="Residents counted six explosions."),
    Step(stage="use_permitted", giver="Britain", taker="Ukraine", weapon="Storm Shadow missiles",
         topic="Storm Shadow", detail="Officials had argued over it since June."),
    Step(stage="used", giver="", taker="Ukraine", weapon="Storm Shadow missiles",
         topic="Storm Shadow", detail="An ammunition depot burned for hours."),
    Step(stage="suspended", giver="the United States", taker="Saudi Arabia", weapon="GBU-39 bombs",
         topic="bombs for Riyadh", detail="Congress had asked for a review."),
    Step(stage="refused", giver="Switzerland", taker="Poland", weapon="Patriot missiles",
         topic="Patriot for Poland", detail="Bern pointed to its neutrality."),
)  # fmt: skip

NOVELTIES = (
    Novelty(land="North Korea", name="Cheonryong-9", sort="underwater drone", topic="a new underwater drone",
            detail="It is said to have stayed under water for 80 hours."),
    Novelty(land="Iran", name="Rastakhiz-2", sort="ballistic missile", topic="a new ballistic missile",
            detail="Its range is given as 1,800 kilometres."),
    Novelty(land="Russia", name="Grom-14", sort="glide bomb", topic="a new glide bomb",
            detail="Ukrainian experts found the remains of two near Sumy."),
    Novelty(land="China", name="CJ-1200", sort="hypersonic cruise missile", topic="a new cruise missile",
            detail="Six launchers rolled past the stands."),
    Novelty(land="Ukraine", name="Sokil-300", sort="cruise missile", topic="a new cruise missile",
            detail="Serial production is to begin next year."),
)  # fmt: skip
