//! The categories of APIs: a fixed list, each with the words that tell it.
//!
//! The list is in the spirit of `RapidAPI`'s, whose sets `ToolBench` is made of, without its doubles (*Finance* and *Financial*)
//! and with what public directories have besides (cloud, developer tools, government, real estate).

/// A category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Category {
    /// Its name, as `catalog.parquet` holds it.
    pub name: &'static str,
    /// What its APIs are about: the words by which others are compared with it.
    pub text: &'static str,
}

/// The category of what fits none.
pub const OTHER: &str = "other";

const fn category(name: &'static str, text: &'static str) -> Category {
    Category { name, text }
}

/// All categories, sorted by name.
pub const CATEGORIES: [Category; 50] = [
    category(
        "advertising",
        "advertising ads advertisement ad campaign advertiser publisher banner marketing keyword bidding audience impression click affiliate adsense creative sponsor conversion seo",
    ),
    category(
        "artificial_intelligence",
        "artificial intelligence ai machine learning ml model training prediction neural gpt chatgpt llm openai prompt chatbot completion generate embedding inference classifier speech dataset bot",
    ),
    category(
        "business",
        "business company companies corporate enterprise organization lead crm customer sales contact firm registry registration vat industry partner b2b contract account client trademark",
    ),
    category(
        "business_software",
        "business software workflow project management task board ticket helpdesk invoice invoicing document signature form survey spreadsheet template erp team workspace collaboration office appointment report accounting pdf barcode qr employee timesheet",
    ),
    category(
        "cloud",
        "cloud compute virtual machine vm instance server cluster kubernetes container subscription resource provider tenant aws amazon azure arm region availability zone autoscaling serverless lambda deployment infrastructure provision gateway load balancer vpc network subnet iam",
    ),
    category(
        "communication",
        "communication call voice phone telephony telephone chat message messaging whatsapp telegram slack sip video conference meeting fax number voip conversation room push notification webhook",
    ),
    category(
        "cryptocurrency",
        "cryptocurrency crypto cryptocurrencies bitcoin btc ethereum eth blockchain coin token wallet nft defi exchange mining satoshi litecoin dogecoin altcoin solana smart contract erc20 block",
    ),
    category(
        "cybersecurity",
        "cybersecurity security vulnerability threat malware phishing virus scan breach password encryption ssl certificate ip reputation fraud risk attack firewall spam proxy vpn secret vault authentication identity compromised attestation key",
    ),
    category(
        "data",
        "dataset data open statistics census scraper scraping public records indicator database api analytics aggregate open-data table catalogue dashboard metric report fake random mock phone lookup validation ip whois domain",
    ),
    category(
        "database",
        "database sql query table row collection document schema store record nosql mongodb postgres mysql redis cache index backend crud graph",
    ),
    category(
        "developer_tools",
        "developer git repository commit branch pull request code source build pipeline ci deploy release package artifact sdk api test debug issue webhook registry version platform openapi app hosting site",
    ),
    category(
        "devices",
        "device iot sensor hardware smart home printer camera firmware thing gateway telemetry mobile android gsm imei robot thermostat light router hub actuator edge",
    ),
    category(
        "ecommerce",
        "ecommerce commerce shop store product order cart checkout catalog price merchant marketplace amazon ebay aliexpress seller buyer inventory listing shipping shopping coupon offer retail variant sku review",
    ),
    category(
        "education",
        "education school student teacher course lesson university college learning classroom quiz exam grade library book author dictionary word definition vocabulary study academic quote bible curriculum scholarship",
    ),
    category(
        "email",
        "email mail mailbox inbox smtp imap newsletter mailing list campaign subscriber recipient sender template disposable temporary verification verify deliverability bounce gmail attachment",
    ),
    category(
        "energy",
        "energy electricity power grid solar wind gas oil fuel carbon emission consumption meter charging utility renewable petrol battery footprint climate co2",
    ),
    category(
        "entertainment",
        "entertainment fun joke jokes meme trivia celebrity horoscope zodiac anime manga comic tv show character quote fact love game riddle astrology tarot streaming humor cat dog pet animal dinosaur superhero lottery",
    ),
    category(
        "events",
        "event events ticket concert venue festival calendar schedule booking attendee conference holiday performer seat show session",
    ),
    category(
        "finance",
        "finance financial stock market quote share trading broker portfolio bank banking account loan mortgage interest rate currency exchange forex bond fund etf dividend earnings investment credit ledger option ticker treasury tax income",
    ),
    category(
        "food",
        "food recipe meal ingredient restaurant menu nutrition calorie drink cocktail wine beer coffee cooking diet grocery cuisine dish pizza",
    ),
    category(
        "gaming",
        "game gaming player match esports steam xbox playstation nintendo minecraft fortnite valorant league legends pokemon dota chess leaderboard guild champion item character quest minigame server clan hero card",
    ),
    category(
        "government",
        "government legislation parliament congress bill law election vote politician court municipal city council agency federal state public service permit citizen regulation tax legal judge ministry fda",
    ),
    category(
        "health",
        "health fitness workout exercise gym muscle bmi body weight calorie activity sleep heart wellness yoga diet training covid coronavirus vaccine pandemic",
    ),
    category(
        "jobs",
        "job jobs career recruitment recruiting hiring candidate resume cv applicant vacancy employer employee salary talent interview position hr payroll freelancer skill",
    ),
    category(
        "location",
        "location geolocation address postal zip code city country state region geo ip place places nearby timezone latitude longitude coordinate postcode geocode reverse distance population province",
    ),
    category(
        "logistics",
        "logistics shipping shipment parcel package tracking carrier delivery courier freight warehouse fulfillment label transit pallet ups fedex dhl usps post container cargo supply",
    ),
    category(
        "mapping",
        "map mapping maps tile route routing direction navigation geocoding geospatial gis layer elevation isochrone matrix marker satellite polygon road",
    ),
    category(
        "media",
        "media video image photo picture youtube upload stream streaming live channel playlist thumbnail gif wallpaper download audio podcast convert resize transcode camera gallery tiktok instagram watermark album film encode broadcast",
    ),
    category(
        "medical",
        "medical medicine patient hospital doctor clinic drug disease diagnosis symptom clinical pharmacy prescription healthcare treatment gene genetic fhir laboratory nurse surgery cancer biomedical",
    ),
    category(
        "monitoring",
        "monitoring monitor uptime status alert incident log logging metric performance health check ping trace observability probe synthetic apm alarm outage diagnostics insights",
    ),
    category(
        "movies",
        "movie movies film cinema imdb bollywood actor series episode season cast director rating trailer box office netflix tv television",
    ),
    category(
        "music",
        "music song track artist album lyrics spotify playlist genre chord band radio concert melody musician deezer shazam soundcloud billboard audio",
    ),
    category(
        "news",
        "news article headline newspaper journalist press media story magazine publisher rss feed breaking topic editorial times blog",
    ),
    category("other", ""),
    category(
        "payments",
        "payment payments pay card credit debit charge refund transaction checkout merchant payout invoice subscription billing paypal stripe bank transfer acquirer terminal balance iban settlement dispute bin",
    ),
    category(
        "real_estate",
        "real estate property house home apartment rent rental listing mortgage zillow realtor realty building tenant landlord lease broker agent land parcel",
    ),
    category(
        "reward",
        "reward loyalty gift card points voucher coupon bonus referral prize incentive member program redeem promotion cashback",
    ),
    category(
        "science",
        "science scientific research space nasa astronomy planet star chemistry physics biology math mathematics calculation formula equation paper publication species experiment journal citation protein gene element periodic asteroid number",
    ),
    category(
        "search",
        "search engine searching google bing web serp autocomplete suggestion index image keyword crawl ranking relevance facet synonyms",
    ),
    category(
        "sms",
        "sms otp mms texting sender mobile text message verification code number short bulk delivery report phone twilio",
    ),
    category(
        "social",
        "social network twitter facebook instagram linkedin reddit tiktok friend follower following post tweet comment like profile feed hashtag user community forum story dating influencer",
    ),
    category(
        "sports",
        "sport sports football soccer basketball nba nfl baseball mlb hockey nhl cricket tennis team league match player fixture score standings odds tournament race formula golf season betting bookmaker coach mma ufc boxing f1 rugby volleyball handball",
    ),
    category(
        "storage",
        "storage file folder upload download drive bucket blob object backup archive share cdn disk dropbox document sync volume",
    ),
    category(
        "text_analysis",
        "text analysis sentiment language nlp natural processing keyword extraction summarize summary entity grammar spell plagiarism paraphrase readability profanity similarity semantic classification tokenize topic emotion",
    ),
    category(
        "tools",
        "tool tools utility converter convert generator generate calculator qr code barcode url shortener random uuid hash format json encode decode base64 screenshot pdf html markdown validator parse unit timestamp string color regex captcha",
    ),
    category(
        "translation",
        "translation translate translator language source target locale detect localization multilingual interpreter dictionary transliterate",
    ),
    category(
        "transportation",
        "transportation transport car vehicle vin bus train metro tram transit station stop departure arrival traffic parking taxi ride driver fleet bike railway line timetable license plate trip",
    ),
    category(
        "travel",
        "travel flight hotel airline airport booking trip tour tourism destination reservation passenger accommodation itinerary airbnb room cruise vacation visa aircraft hostel",
    ),
    category(
        "visual_recognition",
        "visual recognition face detection ocr image classification object vision facial detect nsfw moderation tag landmark photo background removal handwriting recognize computer",
    ),
    category(
        "weather",
        "weather forecast temperature rain wind humidity climate storm precipitation air quality pollution snow hurricane uv tide meteorological barometer sunrise radar pollen",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_are_sorted_and_each_but_other_has_words() {
        assert!(CATEGORIES.windows(2).all(|pair| pair[0].name < pair[1].name));
        assert!(CATEGORIES.iter().all(|c| (c.name == OTHER) == c.text.is_empty()));
    }
}
