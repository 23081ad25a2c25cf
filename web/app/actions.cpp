#include "web/app/actions.h"

#include <algorithm>

#include "web/app/controls.h"
#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

constexpr float kPenStep = 0.01F;
constexpr float kEpsilonStep = 0.01F;

void change_pen(App& app, float by) {
  app.pen.radius = std::clamp(app.pen.radius + by, kThinnestPen, kThickestPen);
}

void change_epsilon(App& app, float by) {
  app.attack.epsilon = std::clamp(app.attack.epsilon + by, 0.0F, kLargestEpsilon);
}

void next_method(App& app) {
  const auto all = page_methods();
  const auto now = static_cast<std::size_t>(&page_method(app.attack.method) - all.data());
  app.attack.method = all[(now + 1) % all.size()].name;
}

void next_target(App& app) {
  auto& target = app.attack.target;
  int next = target ? *target + 1 : 0;
  if (app.reading() && next == app.attacked_label()) ++next;  // it is read so already
  target = next < kDigits ? std::optional(next) : std::nullopt;
}

// What the button of that name does, where it can be pressed.
void press(App& app, const char* name) {
  const Control& control = *find_control(name);
  if (!control.is_shown(app) || !control.is_enabled(app)) return;
  std::get<Press>(control.kind).run(app, control.number);
}

void start_or_pause(App& app) {
  if (app.experiments().running()) {
    app.experiments().pause(!app.experiments().running()->paused);
  } else {
    app.inoculate();
  }
}

constexpr Action kActions[] = {
    {'r', "R", texts::keys::any_digit,
     [](App& a, Overlays&) { a.take_random_digit(std::nullopt); }},
    {'u', "U", texts::keys::open_picture, [](App& a, Overlays&) { a.ask_for_picture(); }},
    {',', ",", texts::keys::previous_image, [](App& a, Overlays&) { press(a, "previous_image"); }},
    {'.', ".", texts::keys::next_image, [](App& a, Overlays&) { press(a, "next_image"); }},
    {'c', "C", texts::keys::clear, [](App& a, Overlays&) { a.pad.clear(); }},
    {'z', "Z", texts::keys::undo, [](App& a, Overlays&) { a.pad.undo(); }},
    {'e', "E", texts::keys::eraser, [](App& a, Overlays&) { a.pen.erase = !a.pen.erase; }},
    {'[', "[", texts::keys::thinner_pen, [](App& a, Overlays&) { change_pen(a, -kPenStep); }},
    {']', "]", texts::keys::thicker_pen, [](App& a, Overlays&) { change_pen(a, kPenStep); }},
    {'f', "F", texts::keys::fgsm, [](App& a, Overlays&) { a.attack.method = "fgsm"; }},
    {'b', "B", texts::keys::bim, [](App& a, Overlays&) { a.attack.method = "bim"; }},
    {'l', "L", texts::keys::line, [](App& a, Overlays&) { a.attack.method = kLineAttack; }},
    {'q', "Q", texts::keys::next_attack, [](App& a, Overlays&) { next_method(a); }},
    {'d', "D", texts::keys::clear_line, [](App& a, Overlays&) { a.attack.line.clear(); }},
    {kKeyLeft, texts::keys::left, texts::keys::smaller_epsilon,
     [](App& a, Overlays&) { change_epsilon(a, -kEpsilonStep); }},
    {kKeyRight, texts::keys::right, texts::keys::larger_epsilon,
     [](App& a, Overlays&) { change_epsilon(a, kEpsilonStep); }},
    {'t', "T", texts::keys::next_target, [](App& a, Overlays&) { next_target(a); }},
    {'s', "S", texts::keys::smallest_epsilon, [](App& a, Overlays&) { a.find_smallest_epsilon(); }},
    {'n', "N", texts::keys::new_noise, [](App& a, Overlays&) { a.reroll_noise(); }},
    {'i', "I", texts::keys::inoculation, [](App& a, Overlays&) { start_or_pause(a); }},
    {'x', "X", texts::keys::stop, [](App& a, Overlays&) { a.experiments().stop(); }},
    {'v', "V", texts::keys::measure_curves,
     [](App& a, Overlays&) { a.experiments().measure_robust_curves(); }},
    {kKeyBackspace, texts::keys::backspace, texts::keys::reset,
     [](App& a, Overlays&) { a.reset(); }},
    {'m', "M", texts::keys::next_network,
     [](App& a, Overlays&) {
       if (!a.models().empty() && !a.experiments().running()) {
         a.choose_model((a.models().chosen() + 1) % a.models().list().size());
       }
     }},
    {'w', "W", texts::keys::save_weights,
     [](App& a, Overlays&) {
       if (!a.models().empty()) a.save_weights();
     }},
    {'o', "O", texts::keys::load_weights, [](App& a, Overlays&) { a.ask_for_weights(); }},
    {'a', "A", texts::keys::save_adversary_png, [](App& a, Overlays&) { a.save_adversary(); }},
    {'y', "Y", texts::keys::save_adversary_npy,
     [](App& a, Overlays&) { a.save_adversary(PictureFormat::kNpy); }},
    {'j', "J", texts::keys::save_adversary_idx,
     [](App& a, Overlays&) { a.save_adversary(PictureFormat::kIdx); }},
    {'p', "P", texts::keys::save_sheet, [](App& a, Overlays&) { a.save_sheet(); }},
    {'k', "K", texts::keys::link, [](App& a, Overlays&) { a.share_link(); }},
    {'g', "G", texts::keys::tour, [](App&, Overlays& o) { o.tour_step = 0; }},
    {'h', "H", texts::keys::help, [](App&, Overlays& o) { o.help = !o.help; }},
    {kKeyEscape, texts::keys::escape, texts::keys::close,
     [](App& a, Overlays& o) {
       o = {};
       a.notice = {};
       a.cancel_attack();
     }},
};

}  // namespace

std::span<const Action> actions() { return kActions; }

bool press_key(App& app, Overlays& overlays, int key) {
  if (key >= '0' && key <= '9') {
    app.take_random_digit(key - '0');
    return true;
  }
  const auto found = std::find_if(std::begin(kActions), std::end(kActions),
                                  [&](const Action& action) { return action.key == key; });
  if (found == std::end(kActions)) return false;
  found->run(app, overlays);
  return true;
}

}  // namespace inoculate::page
