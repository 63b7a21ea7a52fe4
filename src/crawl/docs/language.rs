//! Which language documentation is written in. Few and technical words mislead statistics of letters, so function words are
//! counted first, and letters asked only where there is much of a text.

/// Longest part of a text that is looked at, in bytes.
const LOOKED_AT: usize = 1200;
/// Fewest letters for which statistics of letters are trusted.
const LETTERS_MIN: usize = 60;
/// Least confidence of those statistics.
const CONFIDENCE_MIN: f64 = 0.9;

/// Function words by language, and the verbs that English operations begin with. A word may stand in several.
const WORDS: [(&str, &str); 9] = [
    (
        "en",
        " the of a an and or for to by with from this that all is are be on in it if get list create delete update add \
         returns retrieve retrieves remove set find search gets lists creates deletes updates fetch show send check \
         which when your you will can used given specified single new existing return describes edit view upload verify cancel start stop enable disable \
         modify test searches starts without cancels details information ",
    ),
    (
        "de",
        " der die das und oder ein eine einer eines einen einem von für mit des dem den zur zum im ist sind wird werden \
         nach auf alle aus bei über durch nicht als an kann zu vom gibt liefert abfrage abrufen ",
    ),
    (
        "es",
        " el la los las un una de del y o para por con en que se es son al lista obtener obtiene devuelve crear crea \
         eliminar actualizar este esta como todos todas su según consulta ",
    ),
    (
        "pt",
        " o a os as um uma de do da dos das e ou para por com em no na que se é são ao não lista obter retorna criar cria \
         remover atualizar este esta todos todas seu sua retornar consulta pelo pela ",
    ),
    (
        "fr",
        " le la les un une de du des et ou pour par avec dans en que qui est sont au aux ce cette sur liste récupérer \
         récupère retourne créer crée supprimer permet tous toutes votre son sa d l ",
    ),
    (
        "it",
        " il lo la i gli le un una di del della dei delle e o per con in che è sono al alla da nel lista restituisce crea \
         elimina questo questa tutti tutte ",
    ),
    (
        "nl",
        " de het een en of van voor met door in op is zijn wordt worden naar aan alle uit bij niet als kan te dit deze \
         haalt geeft lijst ",
    ),
    (
        "sv",
        " och eller en ett för med av från till som är det den att på i alla hämta hämtar lista om inte kan ",
    ),
    (
        "pl",
        " i lub dla z ze do na w jest są o po od przez lista pobierz pobiera zwraca usuwa tworzy nie wszystkie ",
    ),
];

/// Tells the language (ISO 639-1) of plain text; `None` where there is too little of it, or it could be several.
pub fn language(text: &str) -> Option<&'static str> {
    let mut end = LOOKED_AT.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = &text[..end];
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    if letters < 4 {
        return None;
    }
    let wide = text.chars().filter(|c| c.is_alphabetic() && *c > '\u{24f}').count();
    if wide * 10 >= letters * 3 {
        return by_script(text);
    }
    by_words(text).or_else(|| if letters >= LETTERS_MIN { by_letters(text) } else { None })
}

/// Counts function words. One language must have most of them, and not by one word alone in a long text.
fn by_words(text: &str) -> Option<&'static str> {
    let mut hits = [0_usize; WORDS.len()];
    let mut all = 0;
    let mut padded = String::with_capacity(32);
    for word in
        text.split(|c: char| c.is_whitespace() || c == '\'' || c == '’' || c == '/' || c == '(' || c == '"')
    {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        // names and codes are in no language
        if word.is_empty() || !word.chars().all(char::is_alphabetic) {
            continue;
        }
        all += 1;
        padded.clear();
        padded.push(' ');
        padded.extend(word.chars().flat_map(char::to_lowercase));
        padded.push(' ');
        for (count, (_, words)) in hits.iter_mut().zip(&WORDS) {
            *count += usize::from(words.contains(padded.as_str()));
        }
    }
    let best = (0..hits.len()).max_by_key(|i| (hits[*i], usize::MAX - i))?;
    let second = (0..hits.len()).filter(|i| *i != best).map(|i| hits[i]).max().unwrap_or(0);
    let needed = if all <= 8 { 1 } else { 2 };
    (hits[best] >= needed && hits[best] > second && hits[best] * 12 >= all).then(|| WORDS[best].0)
}

/// Tells the language by its script, and by letters where several share one.
fn by_script(text: &str) -> Option<&'static str> {
    let any = |range: std::ops::RangeInclusive<char>| text.chars().any(|c| range.contains(&c));
    if any('\u{3040}'..='\u{30ff}') {
        return Some("ja");
    }
    if any('\u{ac00}'..='\u{d7af}') {
        return Some("ko");
    }
    if any('\u{4e00}'..='\u{9fff}') {
        return Some("zh");
    }
    let info = whatlang::detect(text)?;
    let alone =
        matches!(info.script(), whatlang::Script::Greek | whatlang::Script::Thai | whatlang::Script::Hebrew);
    (alone || info.is_reliable() || info.confidence() > 0.5).then(|| code(info.lang())).flatten()
}

/// Asks statistics of letters.
fn by_letters(text: &str) -> Option<&'static str> {
    let info = whatlang::detect(text)?;
    (info.is_reliable() && info.confidence() >= CONFIDENCE_MIN).then(|| code(info.lang())).flatten()
}

fn code(lang: whatlang::Lang) -> Option<&'static str> {
    use whatlang::Lang;
    Some(match lang {
        Lang::Eng => "en",
        Lang::Deu => "de",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Fra => "fr",
        Lang::Ita => "it",
        Lang::Nld => "nl",
        Lang::Swe => "sv",
        Lang::Dan => "da",
        Lang::Nob => "no",
        Lang::Fin => "fi",
        Lang::Pol => "pl",
        Lang::Ces => "cs",
        Lang::Slk => "sk",
        Lang::Hun => "hu",
        Lang::Ron => "ro",
        Lang::Tur => "tr",
        Lang::Cat => "ca",
        Lang::Ind => "id",
        Lang::Vie => "vi",
        Lang::Rus => "ru",
        Lang::Ukr => "uk",
        Lang::Bul => "bg",
        Lang::Srp => "sr",
        Lang::Ell => "el",
        Lang::Heb => "he",
        Lang::Ara => "ar",
        Lang::Pes => "fa",
        Lang::Tha => "th",
        Lang::Hin => "hi",
        _ => return None,
    })
}
