// Everything of the digits' room that can be set or pressed, by name: the one table of which the
// panels draw it and the page's HTML mirrors it, for those who do not see the canvas or have no
// mouse.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "web/app/app.h"
#include "web/texts/digits.h"

namespace inoculate::page {

/// A button; `number` is the control's.
struct Press {
  void (*run)(App& app, int number);
};

/// A box to tick.
struct Toggle {
  bool (*on)(const App& app);
  void (*set)(App& app, bool on);
};

/// A slider: values of low..high, told in `format` (printf's, of one double).
struct Range {
  float low, high;
  float step;  ///< of the HTML's arrow keys; where it is logarithmic, in tenfolds
  const char* format;
  float (*value)(const App& app);
  void (*set)(App& app, float value);
  bool logarithmic = false;
  float (*most)(const App& app) = nullptr;  ///< in place of `high`, where that changes

  float high_now(const App& app) const { return most ? most(app) : high; }
};

struct Option {
  std::string label;
  bool enabled = true;
};

/// One of a list.
struct Choice {
  std::vector<Option> (*options)(const App& app);
  std::size_t (*chosen)(const App& app);  ///< the options' number where none is
  void (*choose)(App& app, std::size_t index);
};

/// The panel where a control stands.
enum class Panel { kHeader, kDraw, kAttack, kInoculate };

struct Control {
  const char* name;  ///< unique; as in the layout that state() tells
  Panel panel;
  texts::ControlText text;
  std::variant<Press, Toggle, Range, Choice> kind;
  bool (*enabled)(const App& app) = nullptr;  ///< null: always
  bool (*shown)(const App& app) = nullptr;    ///< whether it is there at all; null: always
  int number = 0;

  bool is_enabled(const App& app) const { return enabled == nullptr || enabled(app); }
  bool is_shown(const App& app) const { return shown == nullptr || shown(app); }
};

/// All of them, panel by panel in the order of the page.
std::span<const Control> controls();

/// The control of that name, or null.
const Control* find_control(std::string_view name);

}  // namespace inoculate::page
