/**
 * Whether `\p{name}` is a class that Go 1.26 knows: a category, an alias of one, or a script.
 * Case, spaces, `_` and `-` don't count (regexp/syntax, unicodeTable). Scripts of two words are
 * missing because Go 1.26 looks them up without their underscore and finds none.
 */
export function isUnicodeClass(name: string): boolean {
  return /^[\w -]*$/.test(name) && classes.has(name.replace(/[ _-]/g, '').toLowerCase())
}

const categories = `
c cc cf cn co cs l lc ll lm lo lt lu m mc me mn n nd nl no p pc pd pe pf pi po ps s sc sk sm so z
zl zp zs`

const aliases = `
any ascii assigned casedletter closepunctuation cntrl combiningmark connectorpunctuation control
currencysymbol dashpunctuation decimalnumber digit enclosingmark finalpunctuation format
initialpunctuation letter letternumber lineseparator lowercaseletter mark mathsymbol
modifierletter modifiersymbol nonspacingmark number openpunctuation other otherletter othernumber
otherpunctuation othersymbol paragraphseparator privateuse punct punctuation separator
spaceseparator spacingmark surrogate symbol titlecaseletter unassigned uppercaseletter`

const scripts = `
adlam ahom arabic armenian avestan balinese bamum batak bengali bhaiksuki bopomofo brahmi braille
buginese buhid carian chakma cham cherokee chorasmian common coptic cuneiform cypriot cyrillic
deseret devanagari dogra duployan elbasan elymaic ethiopic georgian glagolitic gothic grantha greek
gujarati gurmukhi han hangul hanunoo hatran hebrew hiragana inherited javanese kaithi kannada
katakana kawi kharoshthi khmer khojki khudawadi lao latin lepcha limbu lisu lycian lydian mahajani
makasar malayalam mandaic manichaean marchen medefaidrin miao modi mongolian mro multani myanmar
nabataean nandinagari newa nko nushu ogham oriya osage osmanya palmyrene phoenician rejang runic
samaritan saurashtra sharada shavian siddham sinhala sogdian soyombo sundanese syriac tagalog
tagbanwa takri tamil tangsa tangut telugu thaana thai tibetan tifinagh tirhuta toto ugaritic vai
vithkuqi wancho yezidi yi`

const classes: ReadonlySet<string> = new Set(
  `${categories} ${aliases} ${scripts}`.trim().split(/\s+/),
)
