// What the texts of the digits' room are made of: web/texts/digits.h, which make_texts.py makes.
#pragma once

#include <string>

namespace inoculate::texts {

/// Of a control: `label` as the canvas shows it, and `full` for those who see no panel around it,
/// which begins with the label.
struct ControlText {
  const char* label;
  const char* full;
};

/// Of an attack: its title in lists, and how it works.
struct MethodText {
  const char* title;
  const char* lesson;
};

/// What printf would print.
[[gnu::format(printf, 1, 2)]] std::string printed(const char* format, ...);

}  // namespace inoculate::texts
