use super::patterns::{find, patterns};
use super::*;

/// What is found in a text, a word a sort.
fn kinds(text: &str) -> Vec<&'static str> {
    let word = |kind: Kind| match kind {
        Kind::Email => "email",
        Kind::Web => "web",
        Kind::Account => "account",
        Kind::Birth => "birth",
        Kind::Street => "street",
        Kind::Telephone => "telephone",
        Kind::Number => "number",
    };
    find(text).into_iter().map(|one| word(one.kind)).collect()
}

#[test]
fn personal_data_is_found_in_every_script() {
    assert_eq!(patterns(), 7, "a pattern that cannot be read finds nothing");
    for (text, kind) in [
        ("Write to ana.lopez@clinica-sur.es today.", "email"),
        ("ｗrite: maria＠hospital．org", "email"),
        ("See https://portal.hospital.de/p?id=3", "web"),
        ("It is on medlineplus.gov now.", "web"),
        ("Call (212) 867-5309.", "telephone"),
        ("Llame al 612 345 678 hoy", "telephone"),
        ("+255 712345678", "telephone"),
        ("هاتف ٠٥٠-١٢٣-٤٥٦٧", "telephone"),
        ("फ़ोन ९८७६५ ४३२१०", "telephone"),
        ("ফোন ০১৭১২-৩৪৫৬৭৮", "telephone"),
        ("電話 03-1234-5678", "telephone"),
        ("Record number 40718259", "number"),
        ("رقم الملف ٤٠٧١٨٢٥٩", "number"),
        ("IBAN DE89 3704 0044 0532 0130 00", "account"),
        ("born on 3 March 1980", "birth"),
        ("DOB: 03/04/1980", "birth"),
        ("nacida el 3 de marzo de 1980", "birth"),
        ("تاريخ الميلاد ١٢/٠٣/١٩٨٠", "birth"),
        ("जन्म तिथि १२-०३-१९८०", "birth"),
        ("1980年3月12日出生", "birth"),
        ("1980년 3월 12일 출생", "birth"),
        ("She lives at 12 Green Park Road.", "street"),
        ("Vive en la calle Gran Vía, 12", "street"),
        ("улица Ленина, д. 5", "street"),
        ("住在北京路12号", "street"),
        ("شارع الملك فهد 12", "street"),
        ("đường Lê Lợi số 12", "street"),
    ] {
        assert_eq!(kinds(text), [kind], "{text}");
    }
}

#[test]
fn numbers_of_medicine_and_what_is_reserved_are_nobodys() {
    for text in [
        "500 mg every 6 hours, 4 000 mg a day at most",
        "platelets 150 000-450 000 per microlitre, or 1 500 000",
        "blood pressure of 120/80 to 139/89, pulse 60-100",
        "between 2019 and 2021-2022, on 2024-05-01 or 01.05.2024",
        "a potassium of 3.5-5.5 and sodium of 135-145 mmol/l",
        "5/10/20/40/80 mg tablets",
        "trial NCT01234567 of 3 March 2024",
        "10,000,000 cells; 1000000 units",
        "He was born in 1980 in the north.",
        "Write to ana@example.org or see www.example.com/x and http://a.test",
        "Call 555-0142 or +1 212-555-0199, 07700 900123, 020 7946 0018, (02) 5550 1234.",
        "पहले दिन ५०० मिग्रा, फिर २५० मिग्रा",
        "pain.In the morning",
    ] {
        assert_eq!(kinds(text), Vec::<&str>::new(), "{text}");
    }
    assert_eq!(kinds("Call 555-0242."), ["telephone"], "not every 555 is reserved");
    assert_eq!(kinds("ana@example.org.mx"), ["email"]);
}

fn levels(text: &str, document: &str) -> Vec<(crate::store::Level, String)> {
    let cells = crate::store::Cells {
        texts: [("f".to_owned(), text.to_owned())].into(),
        ..Default::default()
    };
    let text = Text {
        language: "en".into(),
        document: 1,
        fields: Default::default(),
        cells,
        model: String::new(),
        prompt: String::new(),
        seed: 0,
        time: String::new(),
    };
    of_text(&text, document).into_iter().map(|said| (said.level, said.problem)).collect()
}

#[test]
fn what_the_document_holds_is_real_however_it_is_written() {
    use crate::store::Level::{Block, Warn};
    let document = "Poison control: ٨٠٠ ٢٢٢ ١٢٢٢. Mail: Help@Poison.org";
    let found = levels("Ring (800) 222-1222 or write to help@poison.org.", document);
    assert_eq!(found.iter().map(|(level, _)| *level).collect::<Vec<_>>(), [Block, Block]);
    assert!(found[0].1.contains("help@poison.org"), "{found:?}");
    let found = levels("Ring (800) 222-1223.", document);
    assert_eq!(found[0].0, Warn);
    assert!(found[0].1.contains("may be real"), "{found:?}");
}

#[test]
fn people_whom_the_document_names_are_not_named_again() {
    for (document, item, name) in [
        ("By Dr. Amina Yusuf, Lagos.", "Amina Yusuf says so.", "Amina Yusuf"),
        ("Nach Prof. K. Sommer gilt", "K. Sommer", "K. Sommer"),
        ("según la Dra. Elena Ruiz", "¿Qué dijo Elena Ruiz?", "Elena Ruiz"),
        ("قال الدكتور سامي حداد", "سامي حداد", "سامي حداد"),
        ("डॉ. शर्मा ने कहा", "क्या शर्मा ने", ""),
        ("张伟医生说", "张伟今天", "张伟"),
    ] {
        let names = names::repeated(item, document);
        let expected: BTreeSet<String> = match name {
            "" => names.clone(),
            name => [name.to_owned()].into(),
        };
        assert_eq!(names, expected, "{document}");
    }
    assert!(names::repeated("Crohnic pain", "Dr Crohn found it").is_empty(), "a part of a word");
    assert!(names::repeated("Amina Yusuf", "Amina Yusuf, a patient").is_empty(), "no title");
}
