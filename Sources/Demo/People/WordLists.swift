/// The words that fictitious people are made of: invented names and places, and common nouns for the rest, so that no answer
/// can be known from anywhere but the training data.
package enum WordLists {
    package static let givenNames = [
        "Amaril", "Brontel", "Cassivar", "Delphora", "Eskil", "Fennwick", "Galdora", "Hesper", "Ilmarin", "Jorvane", "Kestrin",
        "Lunara", "Maviel", "Nerissol", "Ottilan", "Pellory", "Quillon", "Rosmund", "Sorrel", "Tamsil", "Ulvane", "Vespera",
        "Wendrick", "Xanthil", "Yarrow", "Zephrin", "Aldwen", "Birsa", "Corvin", "Damarel", "Elowin", "Farrow",
    ]

    package static let familyStarts = [
        "Ash", "Bram", "Carr", "Dun", "Elder", "Fal", "Gren", "Hol", "Iron", "Jas", "Kell", "Lor", "Mor", "Nor", "Oak", "Pen",
        "Quar", "Rav", "Stell", "Thorn", "Ul", "Ver", "Wild", "Yew",
    ]

    package static let familyEnds = [
        "bourne", "combe", "dale", "fell", "gard", "holt", "kirk", "lund", "mere", "ning", "quist", "rick", "stead", "ton",
        "vale", "wick",
    ]

    package static let townStarts = [
        "Alder", "Brine", "Copper", "Drift", "Ember", "Frost", "Gull", "Heron", "Ivory", "Juniper", "Kettle", "Lantern",
        "Marble", "Needle", "Otter", "Pepper", "Quarry", "Raven", "Salt", "Timber",
    ]

    package static let townEnds = [
        "bay", "bridge", "cliff", "ferry", "field", "gate", "harbour", "hill", "market", "mouth", "pass", "port", "reach",
        "springs", "well",
    ]

    package static let countries = [
        "Avaloria", "Brevonia", "Cindar", "Dormark", "Estavia", "Florensia", "Gathland", "Hyrnia", "Irrelund", "Jarland",
        "Korvath", "Lysmar",
    ]

    package static let professions = [
        "architect", "astronomer", "baker", "beekeeper", "bookbinder", "botanist", "carpenter", "cartographer", "chemist",
        "clockmaker", "cook", "dentist", "diver", "engraver", "falconer", "farrier", "gardener", "geologist", "glassblower",
        "judge", "lighthouse keeper", "locksmith", "mason", "midwife", "miller", "notary", "optician", "organist", "painter",
        "pharmacist", "pilot", "plumber", "potter", "printer", "sailor", "sculptor", "shepherd", "surgeon", "tailor", "tanner",
        "teacher", "translator", "violinist", "weaver",
    ]

    package static let genres = [
        "adventure stories", "ballads", "children's tales", "comedies", "courtroom dramas", "detective novels", "epic poems",
        "essays", "fables", "family sagas", "ghost stories", "historical novels", "memoirs", "nature writing", "nautical tales",
        "pastoral novels", "radio plays", "satires", "sonnets", "spy thrillers", "travel books", "tragedies", "utopias",
        "war novels", "western tales", "young adult novels",
    ]

    package static let titleAdjectives = [
        "Amber", "Blind", "Broken", "Crooked", "Distant", "Drowned", "Empty", "Forgotten", "Gentle", "Gilded", "Hollow",
        "Invisible", "Last", "Lonely", "Midnight", "Painted", "Patient", "Quiet", "Restless", "Scarlet", "Second", "Silver",
        "Sleeping", "Stolen", "Velvet", "Winter",
    ]

    package static let titleNouns = [
        "Anchor", "Bell", "Bridge", "Candle", "Cathedral", "Compass", "Crown", "Door", "Feather", "Garden", "Hour", "Island",
        "Kingdom", "Ladder", "Letter", "Mirror", "Mountain", "Orchard", "Piano", "River", "Shadow", "Ship", "Staircase",
        "Tower", "Violin", "Window",
    ]

    package static let awards = [
        "Brass Quill", "Cedar Leaf", "Cobalt Star", "Copper Inkwell", "Crystal Page", "Ebony Lamp", "Emerald Pen",
        "Golden Thimble", "Granite Tablet", "Ivory Folio", "Jade Lantern", "Marble Scroll", "Northern Laurel", "Onyx Ribbon",
        "Opal Wreath", "Pearl Book", "Porcelain Owl", "Ruby Margin", "Sapphire Line", "Silver Nib", "Topaz Chapter",
        "Tidewater", "Walnut Desk", "White Heron",
    ]

    package static let hobbies = [
        "archery", "ballooning", "birdwatching", "bell ringing", "calligraphy", "candle making", "canoeing", "carving",
        "chess", "climbing", "collecting stamps", "embroidery", "fencing", "fishing", "folk dancing", "foraging", "juggling",
        "kite flying", "knitting", "lace making", "orchid growing", "origami", "pottery", "puppetry", "rowing", "sailing",
        "skating", "sledding", "stargazing", "swimming", "tapestry", "whittling",
    ]
}
