#include "web/app/controls.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <type_traits>
#include <utility>

namespace inoculate::page {
namespace {

// --- When a control can be used, and when it is there.

bool has_network(const App& a) { return !a.models().empty(); }
bool has_digits(const App& a) { return a.digits().size() > 0; }
bool running(const App& a) { return a.experiments().running().has_value(); }
bool not_running(const App& a) { return !running(a); }
bool can_inoculate(const App& a) { return has_network(a) && has_digits(a); }
bool has_outcome(const App& a) { return a.outcome().has_value(); }
bool has_picture(const App& a) { return !a.pad.empty(); }
bool has_images(const App& a) { return a.digit_file() && a.digit_file()->size() > 1; }
bool is_line(const App& a) { return a.attack.method == kLineAttack; }
bool is_live(const App& a) { return !is_line(a) && page_method(a.attack.method).live(); }
bool is_attacking(const App& a) { return !is_line(a) && !is_live(a) && a.attacking(); }
bool can_attack_again(const App& a) { return !is_line(a) && !is_live(a) && !a.attacking(); }

template <Knob knob>
bool has_knob(const App& a) {
  return page_method(a.attack.method).has(knob);
}

// --- What is chosen from.

std::vector<Option> network_options(const App& app) {
  std::vector<Option> options;
  for (const Model& model : app.models().list()) options.push_back({model.title});
  return options;
}

std::vector<Option> method_options(const App& /*app*/) {
  std::vector<Option> options;
  for (const PageMethod& method : page_methods()) options.push_back({method.title});
  return options;
}

std::size_t method_chosen(const App& app) {
  return static_cast<std::size_t>(&page_method(app.attack.method) - page_methods().data());
}

std::vector<Option> target_options(const App& app) {
  std::vector<Option> options{{texts::controls::any_wrong_digit}};
  for (int digit = 0; digit < kDigits; ++digit) {
    const bool own = app.reading() && digit == app.attacked_label();  // it is read so already
    options.push_back({texts::controls::towards(digit), !own});
  }
  return options;
}

std::size_t target_chosen(const App& app) {
  return app.attack.target ? static_cast<std::size_t>(*app.attack.target) + 1 : 0;
}

void choose_target(App& app, std::size_t index) {
  app.attack.target = index == 0 ? std::nullopt : std::optional(static_cast<int>(index) - 1);
}

std::vector<Option> making_options(const App& /*app*/) {
  return {{texts::controls::fresh_each_epoch}, {texts::controls::replay_the_old}};
}

// --- The array of digits that is open.

float last_image(const App& a) {
  return a.digit_file() ? static_cast<float>(a.digit_file()->size() - 1) : 0;
}

// The image so many further; from none of them, the first.
void step_image(App& a, int by) {
  const int next = a.image_on_pad() ? *a.image_on_pad() + by : 0;
  if (next >= 0 && next <= static_cast<int>(last_image(a))) a.take_image(next);
}

// --- Sliders of the settings' members.

template <class Value>
Value to(float value) {
  if constexpr (std::is_integral_v<Value>) return static_cast<Value>(std::lround(value));
  return static_cast<Value>(value);
}

template <auto member>
Range of_attack(float low, float high, float step, const char* format) {
  return {low,
          high,
          step,
          format,
          [](const App& a) { return static_cast<float>(a.attack.*member); },
          [](App& a, float value) {
            using Value = std::remove_reference_t<decltype(a.attack.*member)>;
            a.attack.*member = to<Value>(value);
          }};
}

template <auto member>
Range of_inoculation(float low, float high, float step, const char* format) {
  return {low,
          high,
          step,
          format,
          [](const App& a) { return static_cast<float>(a.inoculation.*member); },
          [](App& a, float value) {
            using Value = std::remove_reference_t<decltype(a.inoculation.*member)>;
            a.inoculation.*member = to<Value>(value);
          }};
}

// --- The table, a panel each.

void add_header(std::vector<Control>& all) {
  constexpr Panel kPanel = Panel::kHeader;
  all.insert(all.end(), {{"network", kPanel, texts::controls::network,
                          Choice{network_options, [](const App& a) { return a.models().chosen(); },
                                 [](App& a, std::size_t index) { a.choose_model(index); }},
                          [](const App& a) { return has_network(a) && !running(a); }},
                         {"save_weights", kPanel, texts::controls::save_weights,
                          Press{[](App& a, int) { a.save_weights(); }}, has_network},
                         {"load_weights", kPanel, texts::controls::load_weights,
                          Press{[](App& a, int) { a.ask_for_weights(); }}},
                         {"link", kPanel, texts::controls::link,
                          Press{[](App& a, int) { a.share_link(); }}, has_network}});
}

void add_draw(std::vector<Control>& all) {
  constexpr Panel kPanel = Panel::kDraw;
  all.insert(all.end(),
             {{"eraser", kPanel, texts::controls::eraser,
               Toggle{[](const App& a) { return a.pen.erase; },
                      [](App& a, bool on) { a.pen.erase = on; }}},
              {"undo", kPanel, texts::controls::undo, Press{[](App& a, int) { a.pad.undo(); }},
               [](const App& a) { return a.pad.can_undo(); }},
              {"clear", kPanel, texts::controls::clear, Press{[](App& a, int) { a.pad.clear(); }},
               [](const App& a) { return !a.pad.empty() || !a.pad.strokes().empty(); }},
              {"open_picture", kPanel, texts::controls::open_picture,
               Press{[](App& a, int) { a.ask_for_picture(); }}},
              {"previous_image", kPanel, texts::controls::previous_image,
               Press{[](App& a, int) { step_image(a, -1); }},
               [](const App& a) { return a.image_on_pad().value_or(0) > 0; }, has_images},
              {"image_number", kPanel, texts::controls::image_number,
               Range{0, 0, 1, "%.0f",
                     [](const App& a) { return static_cast<float>(a.image_on_pad().value_or(0)); },
                     [](App& a, float value) { a.take_image(to<int>(value)); }, false, last_image},
               nullptr, has_images},
              {"next_image", kPanel, texts::controls::next_image,
               Press{[](App& a, int) { step_image(a, 1); }},
               [](const App& a) { return a.image_on_pad() != static_cast<int>(last_image(a)); },
               has_images},
              {"pen", kPanel, texts::controls::pen,
               Range{100 * kThinnestPen, 100 * kThickestPen, 0.5F, "%.1f",
                     [](const App& a) { return 100 * a.pen.radius; },
                     [](App& a, float value) { a.pen.radius = value / 100; }}}});
  // Controls do not own their texts, so these stay.
  static const std::vector<std::array<std::string, 3>> figures = [] {
    std::vector<std::array<std::string, 3>> made;
    for (int digit = 0; digit < kDigits; ++digit) {
      const std::string figure = std::to_string(digit);
      made.push_back({"digit_" + figure, figure, texts::controls::take_digit(digit)});
    }
    return made;
  }();
  for (int digit = 0; digit < kDigits; ++digit) {
    const auto& [name, label, full] = figures[static_cast<std::size_t>(digit)];
    all.push_back({name.c_str(),
                   kPanel,
                   {label.c_str(), full.c_str()},
                   Press{[](App& a, int number) { a.take_random_digit(number); }},
                   has_digits,
                   nullptr,
                   digit});
  }
  all.push_back({"any_digit", kPanel, texts::controls::any_digit,
                 Press{[](App& a, int) { a.take_random_digit(std::nullopt); }}, has_digits});
}

void add_attack(std::vector<Control>& all) {
  constexpr Panel kPanel = Panel::kAttack;
  using S = AttackSettings;
  all.insert(
      all.end(),
      {{"method", kPanel, texts::controls::method,
        Choice{method_options, method_chosen,
               [](App& a, std::size_t index) { a.attack.method = page_methods()[index].name; }}},
       {"target", kPanel, texts::controls::target,
        Choice{target_options, target_chosen, choose_target}, nullptr,
        [](const App& a) { return !is_line(a); }},
       {"epsilon", kPanel, texts::controls::epsilon,
        of_attack<&S::epsilon>(0, kLargestEpsilon, 0.005F, "%.3f"), nullptr,
        has_knob<kEpsilonKnob>},
       {"steps", kPanel, texts::controls::steps, of_attack<&S::steps>(1, kMostSteps, 1, "%.0f"),
        nullptr, has_knob<kStepsKnob>},
       {"queries", kPanel, texts::controls::queries,
        of_attack<&S::queries>(kLeastQueries, kMostQueries, 50, "%.0f"), nullptr,
        has_knob<kQueriesKnob>},
       {"pixel_budget", kPanel, texts::controls::pixel_budget,
        of_attack<&S::pixel_budget>(1, kMostPixels, 1, "%.0f"), nullptr, has_knob<kPixelsKnob>},
       {"clear_line", kPanel, texts::controls::clear_line,
        Press{[](App& a, int) { a.attack.line.clear(); }},
        [](const App& a) { return !a.attack.line.empty(); }, is_line},
       {"smallest_epsilon", kPanel, texts::controls::smallest_epsilon,
        Press{[](App& a, int) { a.find_smallest_epsilon(); }}, has_outcome, is_live},
       {"cancel_attack", kPanel, texts::controls::cancel_attack,
        Press{[](App& a, int) { a.cancel_attack(); }}, nullptr, is_attacking},
       {"attack_again", kPanel, texts::controls::attack_again,
        Press{[](App& a, int) { a.reroll_noise(); }}, has_outcome, can_attack_again},
       {"save_adversary", kPanel, texts::controls::save_adversary,
        Press{[](App& a, int) { a.save_adversary(); }}, has_outcome},
       {"save_sheet", kPanel, texts::controls::save_sheet,
        Press{[](App& a, int) { a.save_sheet(); }}, has_outcome},
       {"save_adversary_npy", kPanel, texts::controls::save_adversary_npy,
        Press{[](App& a, int) { a.save_adversary(PictureFormat::kNpy); }}, has_outcome},
       {"save_adversary_idx", kPanel, texts::controls::save_adversary_idx,
        Press{[](App& a, int) { a.save_adversary(PictureFormat::kIdx); }}, has_outcome},
       {"save_digit_png", kPanel, texts::controls::save_digit_png,
        Press{[](App& a, int) { a.save_digit(PictureFormat::kPng); }}, has_picture},
       {"save_digit_npy", kPanel, texts::controls::save_digit_npy,
        Press{[](App& a, int) { a.save_digit(PictureFormat::kNpy); }}, has_picture},
       {"save_digit_idx", kPanel, texts::controls::save_digit_idx,
        Press{[](App& a, int) { a.save_digit(PictureFormat::kIdx); }}, has_picture},
       {"ask_networks", kPanel, texts::controls::ask_networks,
        Press{[](App& a, int) { a.ask_networks(); }}, has_picture}});
}

void add_inoculate(std::vector<Control>& all) {
  constexpr Panel kPanel = Panel::kInoculate;
  using S = InoculationSettings;
  Range rate = of_inoculation<&S::learning_rate>(1e-5F, 1e-2F, 0.1F, "%.5f");
  rate.logarithmic = true;
  all.insert(all.end(),
             {{"inoculation_count", kPanel, texts::controls::inoculation_count,
               of_inoculation<&S::count>(100, 2000, 50, "%.0f"), not_running},
              {"inoculation_epochs", kPanel, texts::controls::inoculation_epochs,
               of_inoculation<&S::epochs>(1, 20, 1, "%.0f"), not_running},
              {"inoculation_epsilon", kPanel, texts::controls::inoculation_epsilon,
               of_inoculation<&S::epsilon>(0.01F, 0.5F, 0.01F, "%.2f"), not_running},
              {"inoculation_rate", kPanel, texts::controls::inoculation_rate, rate, not_running},
              {"inoculation_making", kPanel, texts::controls::inoculation_making,
               Choice{making_options,
                      [](const App& a) { return std::size_t{a.inoculation.fresh ? 0U : 1U}; },
                      [](App& a, std::size_t index) { a.inoculation.fresh = index == 0; }},
               not_running},
              {"inoculation_mix", kPanel, texts::controls::inoculation_mix,
               Toggle{[](const App& a) { return a.inoculation.mix_clean; },
                      [](App& a, bool on) { a.inoculation.mix_clean = on; }},
               not_running},
              {"inoculate_button", kPanel, texts::controls::inoculate_button,
               Press{[](App& a, int) { a.inoculate(); }}, can_inoculate, not_running},
              {"pause", kPanel, texts::controls::pause,
               Press{[](App& a, int) { a.experiments().pause(true); }}, nullptr,
               [](const App& a) { return running(a) && !a.experiments().running()->paused; }},
              {"resume", kPanel, texts::controls::resume,
               Press{[](App& a, int) { a.experiments().pause(false); }}, nullptr,
               [](const App& a) { return running(a) && a.experiments().running()->paused; }},
              {"stop", kPanel, texts::controls::stop,
               Press{[](App& a, int) { a.experiments().stop(); }}, nullptr, running},
              {"reset", kPanel, texts::controls::reset, Press{[](App& a, int) { a.reset(); }},
               [](const App& a) { return a.models().inoculated() && !running(a); }},
              {"measure_curves", kPanel, texts::controls::measure_curves,
               Press{[](App& a, int) { a.experiments().measure_robust_curves(); }}, can_inoculate,
               [](const App& a) { return !a.experiments().measuring_curves(); }},
              {"stop_curves", kPanel, texts::controls::stop_curves,
               Press{[](App& a, int) { a.experiments().stop_measuring_curves(); }}, nullptr,
               [](const App& a) { return a.experiments().measuring_curves(); }}});
}

}  // namespace

std::span<const Control> controls() {
  static const std::vector<Control> all = [] {
    std::vector<Control> made;
    add_header(made);
    add_draw(made);
    add_attack(made);
    add_inoculate(made);
    return made;
  }();
  return all;
}

const Control* find_control(std::string_view name) {
  const auto all = controls();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Control& control) { return name == control.name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace inoculate::page
