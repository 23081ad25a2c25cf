#include "web/app/mirror.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "base/error.h"
#include "base/quote.h"
#include "data/base64.h"
#include "web/app/controls.h"
#include "web/app/sentences.h"
#include "web/json/json_reader.h"
#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

using Texts = std::vector<std::string>;

Json item(const char* kind, const std::string& name) {
  Json made = Json::object();
  made["kind"] = kind;
  made["name"] = name;
  return made;
}

// One section as it grows.
struct Section {
  const App& app;
  Json items = Json::array();

  void text(const char* name, const std::string& text, bool alarm = false) {
    if (text.empty()) return;
    Json made = item("text", name);
    made["text"] = text;
    made["alarm"] = alarm;
    items.push_back(std::move(made));
  }

  void table(const char* name, const std::string& title, const Texts& head,
             const std::vector<Texts>& rows) {
    if (rows.empty()) return;
    Json made = item("table", name);
    made["title"] = title;
    made["head"] = head;
    made["rows"] = rows;
    items.push_back(std::move(made));
  }

  void progress(const char* name, const std::string& label, float share) {
    Json made = item("progress", name);
    made["label"] = label;
    made["share"] = share;
    items.push_back(std::move(made));
  }

  void picture(const char* name, const std::string& label, const Picture& pixels) {
    Json made = item("picture", name);
    made["label"] = label;
    made["pixels"] = to_base64url(to_bytes(pixels));
    items.push_back(std::move(made));
  }

  void controls_of(Panel panel);
};

const char* add_kind(Json& made, const Press& /*press*/, const App& /*app*/) {
  (void)made;
  return "button";
}

const char* add_kind(Json& made, const Toggle& toggle, const App& app) {
  made["on"] = toggle.on(app);
  return "toggle";
}

// An HTML slider is linear: the tenfolds of a logarithmic one are its values.
float shown_value(const Range& range, float value) {
  return range.logarithmic ? std::log10(value) : value;
}

const char* add_kind(Json& made, const Range& range, const App& app) {
  const float value = range.value(app);
  char text[32];
  std::snprintf(text, sizeof text, range.format, static_cast<double>(value));
  made["low"] = shown_value(range, range.low);
  made["high"] = shown_value(range, range.high_now(app));
  made["step"] = range.step;
  made["value"] = shown_value(range, value);
  made["text"] = text;
  return "range";
}

const char* add_kind(Json& made, const Choice& choice, const App& app) {
  Json options = Json::array();
  for (const Option& option : choice.options(app)) {
    Json one = Json::object();
    one["label"] = option.label;
    one["enabled"] = option.enabled;
    options.push_back(std::move(one));
  }
  made["options"] = std::move(options);
  made["chosen"] = choice.chosen(app);
  return "choice";
}

void Section::controls_of(Panel panel) {
  for (const Control& control : controls()) {
    if (control.panel != panel || !control.is_shown(app)) continue;
    Json made = item("", control.name);
    made["kind"] =
        std::visit([&](const auto& kind) { return add_kind(made, kind, app); }, control.kind);
    made["label"] = control.text.label;
    made["full"] = control.text.full;
    made["enabled"] = control.is_enabled(app);
    items.push_back(std::move(made));
  }
}

// What else happens to the pad lifts the pen.
bool pen_is_down(const App& app) { return app.pen.stroke == app.pad.revision(); }

std::string with_interval(const Score& score) {
  return texts::mirror::with_interval(percent_text(score.accuracy), 100 * score.low,
                                      100 * score.high);
}

void header(Section& s) {
  s.text("notice", s.app.notice.text, s.app.notice.is_error);
  s.controls_of(Panel::kHeader);
  if (!s.app.models().empty()) s.text("network_note", s.app.models().chosen_model().note);
}

void draw(Section& s, bool pictures) {
  const App& app = s.app;
  Json pad = item("pad", "pad");
  pad["label"] = app.pad.empty()        ? texts::mirror::empty_pad
                 : app.pad.is_example() ? texts::mirror::example_pad
                                        : texts::mirror::pad;
  pad["x"] = app.pen.at.x;
  pad["y"] = app.pen.at.y;
  pad["down"] = pen_is_down(app);
  if (pictures) pad["pixels"] = to_base64url(to_bytes(app.pad.picture()));
  s.items.push_back(std::move(pad));
  s.controls_of(Panel::kDraw);
  if (!app.reading()) {
    s.text("reading", describe_state(app), !app.refusal().empty());
    return;
  }
  s.text("reading", texts::state::reads(top_three(*app.reading())));
  if (app.misread()) {
    s.text("misread", texts::pad::wrong(app.attacked_label()), true);
  }
  std::vector<Texts> rows;
  for (int digit = 0; digit < kDigits; ++digit) {
    rows.push_back({std::to_string(digit), percent_text(app.reading()->probability(digit))});
  }
  s.table("probabilities", texts::mirror::probabilities,
          {texts::mirror::digit, texts::mirror::probability}, rows);
}

std::vector<Texts> networks_rows(const App& app) {
  std::vector<Texts> rows;
  for (std::size_t i = 0; i < app.transferred().size(); ++i) {
    const bool in_use = i == app.network_in_use() && app.attacked();
    const bool known = i < app.networks().size() && app.networks()[i].attacked.has_value();
    rows.push_back({app.network_title(i), describe_guess(app.transferred()[i]),
                    in_use  ? describe_guess(app.outcome()->adversary.reading)
                    : known ? describe_guess(*app.networks()[i].attacked)
                            : texts::mirror::not_known});
  }
  return rows;
}

void attack(Section& s, bool pictures) {
  const App& app = s.app;
  s.controls_of(Panel::kAttack);
  if (app.attacking() && !app.attacked()) {
    s.progress("attack_progress", texts::mirror::attacking, app.attack_progress());
  }
  s.text("refusal", app.reading() ? app.refusal() : std::string(), true);
  if (app.outcome() && app.attacked()) {
    const AttackOutcome& outcome = *app.outcome();
    s.text("verdict", describe_attack(outcome, app.attack), outcome.success);
    if (pictures) {
      s.picture("adversary", texts::mirror::adversary(describe_guess(outcome.adversary.reading)),
                outcome.adversary.pixels);
      s.picture("noise", texts::mirror::noise(describe_guess(outcome.noise.reading)),
                outcome.noise.pixels);
    }
    if (app.attack.method != kLineAttack) s.text("noise_text", describe_noise(outcome));
    s.table(
        "networks", texts::mirror::networks,
        {texts::mirror::network, texts::mirror::reads_adversary_as, texts::mirror::attacked_itself},
        networks_rows(app));
  }
  s.text("lesson", page_method(app.attack.method).lesson);
}

void course(Section& s) {
  const auto& running = s.app.experiments().running();
  if (running) s.progress("progress", describe_phase(*running), running->progress());
}

void bought(Section& s) {
  if (s.app.experiments().rounds().empty()) return;
  const Round& round = s.app.experiments().rounds().back();
  const auto row = [](const char* name, const Score& before, const Score& after) {
    return Texts{name, with_interval(before), with_interval(after)};
  };
  s.table("before_after", texts::mirror::what_it_bought(round.after.clean.n),
          {texts::mirror::digits, texts::mirror::before, texts::mirror::after},
          {row(texts::mirror::clean, round.before.clean, round.after.clean),
           row(texts::mirror::replayed, round.before.replayed, round.after.replayed),
           row(texts::mirror::fresh, round.before.fresh, round.after.fresh)});
}

void curves(Section& s) {
  const auto& all = s.app.experiments().robust_curves();
  if (s.app.experiments().measuring_curves()) {
    s.progress("curves_progress", texts::mirror::measuring, s.app.experiments().curves_progress());
  }
  Texts head{texts::mirror::epsilon};
  std::size_t points = all.empty() ? 0 : all.front().epsilons.size();
  for (const RobustCurve& curve : all) {
    head.push_back(curve.name);
    points = std::min(points, curve.epsilons.size());
  }
  std::vector<Texts> rows;
  for (std::size_t i = 0; i < points; ++i) {
    char epsilon[16];
    std::snprintf(epsilon, sizeof epsilon, "%.2f", static_cast<double>(all[0].epsilons[i]));
    Texts row{epsilon};
    for (const RobustCurve& curve : all) row.push_back(with_interval(curve.scores[i]));
    rows.push_back(std::move(row));
  }
  s.table("robust_curves", texts::mirror::robust_curves, head, rows);
}

}  // namespace

Json mirror_json(const App& app, bool pictures) {
  Json sections = Json::array();
  const auto add = [&](const char* name, const char* title, auto&& fill) {
    Section section{app};
    fill(section);
    Json made = Json::object();
    made["name"] = name;
    made["title"] = title;
    made["items"] = std::move(section.items);
    sections.push_back(std::move(made));
  };
  add("header", texts::mirror::header, header);
  add("draw", texts::mirror::draw, [&](Section& s) { draw(s, pictures); });
  add("attack", texts::mirror::attack, [&](Section& s) { attack(s, pictures); });
  add("inoculate", texts::mirror::inoculation, [](Section& s) {
    s.controls_of(Panel::kInoculate);
    course(s);
    bought(s);
    curves(s);
  });
  return sections;
}

void use_control(App& app, const Json& argument) {
  JsonReader reader(argument, "control");
  std::string name;
  reader.string("name", name);
  const Json* given = reader.find("value");
  const Json value = given == nullptr ? Json() : *given;
  reader.finish();
  const Control* control = find_control(name);
  if (control == nullptr || !control->is_shown(app)) {
    reader.fail(texts::scripts::no_such_control(quote(name)));
  }
  if (!control->is_enabled(app))
    reader.fail(texts::scripts::control_disabled(quote(control->text.label)));
  const auto refuse = [&] {
    reader.fail(texts::scripts::control_value(quote(control->text.label)));
  };
  if (const auto* press = std::get_if<Press>(&control->kind)) {
    press->run(app, control->number);
  } else if (const auto* toggle = std::get_if<Toggle>(&control->kind)) {
    if (!value.is_boolean()) refuse();
    toggle->set(app, value.get<bool>());
  } else if (const auto* range = std::get_if<Range>(&control->kind)) {
    if (!value.is_number()) refuse();
    const auto number = value.get<float>();
    const float real = range->logarithmic ? std::pow(10.0F, number) : number;
    if (!std::isfinite(real)) refuse();
    range->set(app, std::clamp(real, range->low, range->high_now(app)));
  } else if (const auto* choice = std::get_if<Choice>(&control->kind)) {
    const std::vector<Option> options = choice->options(app);
    const bool is_index = value.is_number_unsigned() && value.get<std::size_t>() < options.size();
    if (!is_index || !options[value.get<std::size_t>()].enabled) refuse();
    choice->choose(app, value.get<std::size_t>());
  }
}

void move_pen(App& app, const Json& argument) {
  JsonReader reader(argument, "pen");
  PadPoint at;
  bool down = false;
  reader.number("x", at.x, 0, 1);
  reader.number("y", at.y, 0, 1);
  reader.boolean("down", down);
  reader.finish();
  const bool goes_on = pen_is_down(app);
  app.pen.at = at;
  app.pen.stroke = -1;
  if (!down) return;
  if (goes_on ? app.pad.extend_stroke(at)
              : app.pad.begin_stroke(at, app.pen.radius, app.pen.erase)) {
    app.pen.stroke = app.pad.revision();
  } else {
    app.tell_no_more_ink();
  }
}

}  // namespace inoculate::page
