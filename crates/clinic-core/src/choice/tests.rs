//! What counts as a choice, form by form.

use super::*;

const QUESTION: &str =
    "Which drug is first?\nA) Insulin\nB) Metformin\nC) Aspirin\nD) None of the above";

fn choice(response: &str) -> Choice {
    find_choice(response, &parse_options(QUESTION))
}

#[test]
fn one_letter_is_found_in_every_form() {
    for response in [
        "B",
        "b",
        "(B)",
        "**B**",
        "B.",
        "B)",
        "[B]",
        "Ｂ",
        "Ｂ．",
        "\"B\"",
        "B) Metformin",
        "b) metformin",
        "B. Metformin",
        "B: Metformin",
        "B - Metformin",
        "B Metformin",
        "*B*",
        "- B",
        "Answer: B",
        "Answer: **B**",
        "The answer is B.",
        "The correct answer is (B) Metformin",
        "answer: b",
        "answer: b)",
        "### Answer\nB",
        "Answer:\nB",
        "La respuesta es B",
        "La respuesta correcta es la B.",
        "Respuesta: B) Metformina",
        "Jibu: B",
        "Jibu sahihi ni B.",
        "Chaguo B",
        "Option B",
        "option b.",
        "I would choose metformin.",
        "Metformin",
        "metformin.",
        "B\n\nBecause it is safe.",
        "答案是B。",
        "正确答案：B",
        "정답은 B",
        "정답은 B입니다",
        "正解はBです。",
        "الإجابة: B،",
        "الإجابة الصحيحة هي ب",
        "Ответ: B",
        "Правильный ответ: В",
        "उत्तर: B",
        "सही उत्तर B है",
        "Đáp án: B",
        "Đáp án đúng là B.",
        "La bonne réponse est B.",
        "Amsa: B",
        "Jawaabta saxda ah waa B",
        "The right answer is option B because A patient needs it.",
        "\u{200b}B",
        "B, because it is cheap.",
        "B is correct.",
        "Not A. The answer is B.",
        "A: Metformin",
        "Sure! The best answer is B) Metformin.",
        "A) Insulin\nB) Metformin\nC) Aspirin\nD) None of the above\n\nThe correct answer is B.",
        "Metformin rather than insulin.",
        "The answer is metformin, not aspirin.",
        "Option A is wrong, so I choose B.",
    ] {
        assert_eq!(choice(response), Choice::One('B'), "{response}");
    }
}

#[test]
fn two_letters_are_ambiguous_and_not_wrong() {
    for response in [
        "A or B",
        "A and B",
        "A, B",
        "A/B",
        "B) Insulin",
        "Answer: A. Answer: B.",
        "Insulin or metformin",
        "A) Insulin\nB) Metformin\nC) Aspirin\nD) None of the above",
        "A) Insulin B) Metformin C) Aspirin",
        "The answer is A or B.",
        "Both A and C",
        "Option A, option C",
        "Answer: A\n\nQuestion: next\nAnswer: C",
        "A) Insulin\nB) Metformin",
    ] {
        assert!(
            matches!(choice(response), Choice::Ambiguous(_)),
            "{response}: {:?}",
            choice(response)
        );
    }
}

#[test]
fn articles_and_names_are_no_letters() {
    for response in [
        "A patient should see a doctor.",
        "A",
        "a",
        "I do not know.",
        "Vitamin D helps.",
        "",
        "Hepatitis B is a virus.",
        "The answer is a drug.",
        "It depends.",
        "A menudo se usa otro.",
        "C. difficile causes diarrhoea.",
        "Group B streptococci are bacteria.",
        "The best answer is a combination of drugs.",
        "Type A influenza",
        "La respuesta es a veces difícil.",
        "d'accord",
        "It is not B.",
        "B is incorrect.",
    ] {
        let expected =
            if response.eq_ignore_ascii_case("a") { Choice::One('A') } else { Choice::None };
        assert_eq!(choice(response), expected, "{response}");
    }
}

#[test]
fn options_keep_the_letters_of_their_language() {
    for (letters, response) in [
        ("А Б В Г", "Правильный ответ: В"),
        ("أ ب ج د", "الإجابة الصحيحة هي ج"),
        ("أ ب ت ث", "ت"),
        ("क ख ग घ", "सही उत्तर ग है।"),
        ("अ ब स द", "उत्तर: (स)"),
        ("ক খ গ ঘ", "সঠিক উত্তর হলো গ।"),
        ("가 나 다 라", "정답은 다입니다."),
        ("ㄱ ㄴ ㄷ ㄹ", "정답: ㄷ"),
        ("ア イ ウ エ", "答えはウです。"),
        ("甲 乙 丙 丁", "应选丙。"),
        ("① ② ③ ④", "③번"),
        ("А Б В Г", "Answer: C"),
        ("A B C D", "정답: Ⓒ"),
    ] {
        let own: Vec<String> =
            letters.split(' ').map(|letter| format!("{letter}) x{letter}x")).collect();
        for question in [own.join("\n"), format!("? {}", own.join(" "))] {
            let options = parse_options(&question);
            let read: String = options.iter().map(|option| option.letter).collect();
            assert_eq!(read, "ABCD", "{question}");
            assert_eq!(find_choice(response, &options), Choice::One('C'), "{question}: {response}");
        }
    }
}

#[test]
fn letters_that_are_words_or_look_like_others_are_not_read() {
    for response in [
        "나는 몰라요.",
        "다 맞아요.",
        "В этом случае нужен врач.",
        "А вот это сложно.",
        "甲型肝炎",
        "アイス",
        "维生素A很重要。",
        "비타민 A",
        "Гепатит B опасен.",
        "Aspirin is out of the question.",
    ] {
        assert_eq!(choice(response), Choice::None, "{response}");
    }
    let cyrillic = parse_options("?\nА) а\nБ) б\nВ) в\nГ) г");
    assert_eq!(find_choice("Ответ: B", &cyrillic), Choice::None);
    assert_eq!(choice("Ответ: В"), Choice::One('B'));
    assert_eq!(choice("Не Б. Ответ: В"), Choice::One('C'));
}

#[test]
fn without_options_only_letters_count() {
    assert_eq!(find_choice("The answer is C", &[]), Choice::One('C'));
    assert_eq!(find_choice("Metformin", &[]), Choice::None);
}

#[test]
fn the_longer_of_two_option_texts_is_meant() {
    let options = parse_options("q\nA) Vena cava\nB) Superior vena cava\nC) Aorta\nD) Artery");
    assert_eq!(find_choice("It is the superior vena cava.", &options), Choice::One('B'));
    assert_eq!(find_choice("It is the vena cava.", &options), Choice::One('A'));
}

#[test]
fn the_published_letter_is_the_first_capital_that_stands_alone() {
    for (response, letter) in [
        ("B", Some('B')),
        ("**B**", Some('B')),
        ("(C).", Some('C')),
        ("A patient needs B", Some('A')),
        ("b", None),
        ("（Ｂ）", None),
        ("正解はBです", None),
        ("B) x", Some('B')),
        ("A/B", None),
    ] {
        assert_eq!(first_capital(response), letter, "{response}");
    }
}

#[test]
fn a_letter_that_is_denied_is_not_chosen() {
    for response in [
        "Anything but A",
        "A is the least likely.",
        "I don't think it is A.",
        "I doubt that it is A.",
        "Dr. C. Smith would know.",
        "No creo que sea la A.",
        "Cualquiera menos la A.",
        "Je ne pense pas que ce soit la A.",
        "Tout sauf la A.",
        "Sidhani kama ni A.",
        "Tôi không nghĩ là A.",
        "Я не думаю, что это A.",
        "Всё, кроме A.",
        "لا أعتقد أنها A",
        "मुझे नहीं लगता कि यह A है",
        "A বলে মনে হয় না",
        "A हो जस्तो लाग्दैन",
        "我不认为是A",
        "Aだとは思いません",
        "A라고 생각하지 않습니다",
        "It is never A",
        "Hardly A",
        "A: false",
        "If A, then death",
        "Nunca A",
        "A) falso",
        "Jamais A",
        "Вряд ли A",
        "A के अलावा कुछ भी",
        "不太可能是A",
        "Yote isipokuwa A",
        "A ছাড়া সব",
    ] {
        let choice = choice(response);
        assert!(!matches!(choice, Choice::One('A' | 'C')), "{response}: {choice:?}");
    }
}
