#include "web/app/actions.h"

#include <algorithm>

#include "web/app/controls.h"

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
    {'r', "R", "take any digit from the sample",
     [](App& a, Overlays&) { a.take_random_digit(std::nullopt); }},
    {'u', "U", "open a picture of a digit", [](App& a, Overlays&) { a.ask_for_picture(); }},
    {',', ",", "previous image of the file", [](App& a, Overlays&) { press(a, "previous_image"); }},
    {'.', ".", "next image of the file", [](App& a, Overlays&) { press(a, "next_image"); }},
    {'c', "C", "clear the pad", [](App& a, Overlays&) { a.pad.clear(); }},
    {'z', "Z", "undo on the pad", [](App& a, Overlays&) { a.pad.undo(); }},
    {'e', "E", "pen or eraser", [](App& a, Overlays&) { a.pen.erase = !a.pen.erase; }},
    {'[', "[", "thinner pen", [](App& a, Overlays&) { change_pen(a, -kPenStep); }},
    {']', "]", "thicker pen", [](App& a, Overlays&) { change_pen(a, kPenStep); }},
    {'f', "F", "attack by FGSM", [](App& a, Overlays&) { a.attack.method = "fgsm"; }},
    {'b', "B", "attack by BIM", [](App& a, Overlays&) { a.attack.method = "bim"; }},
    {'l', "L", "attack by a line", [](App& a, Overlays&) { a.attack.method = kLineAttack; }},
    {'q', "Q", "next attack", [](App& a, Overlays&) { next_method(a); }},
    {'d', "D", "remove the line", [](App& a, Overlays&) { a.attack.line.clear(); }},
    {kKeyLeft, "Left", "smaller epsilon",
     [](App& a, Overlays&) { change_epsilon(a, -kEpsilonStep); }},
    {kKeyRight, "Right", "larger epsilon",
     [](App& a, Overlays&) { change_epsilon(a, kEpsilonStep); }},
    {'t', "T", "next target digit", [](App& a, Overlays&) { next_target(a); }},
    {'s', "S", "find the smallest epsilon", [](App& a, Overlays&) { a.find_smallest_epsilon(); }},
    {'n', "N", "new random noise", [](App& a, Overlays&) { a.reroll_noise(); }},
    {'i', "I", "inoculate, pause or resume", [](App& a, Overlays&) { start_or_pause(a); }},
    {'x', "X", "stop the inoculation", [](App& a, Overlays&) { a.experiments().stop(); }},
    {'v', "V", "measure the robust accuracy curves",
     [](App& a, Overlays&) { a.experiments().measure_robust_curves(); }},
    {kKeyBackspace, "Backspace", "restore the original weights",
     [](App& a, Overlays&) { a.reset(); }},
    {'m', "M", "next network",
     [](App& a, Overlays&) {
       if (!a.models().empty() && !a.experiments().running()) {
         a.choose_model((a.models().chosen() + 1) % a.models().list().size());
       }
     }},
    {'w', "W", "save the weights",
     [](App& a, Overlays&) {
       if (!a.models().empty()) a.save_weights();
     }},
    {'o', "O", "open a weights file", [](App& a, Overlays&) { a.ask_for_weights(); }},
    {'a', "A", "save the adversary as PNG", [](App& a, Overlays&) { a.save_adversary(); }},
    {'y', "Y", "save the adversary as .npy",
     [](App& a, Overlays&) { a.save_adversary(PictureFormat::kNpy); }},
    {'j', "J", "save the adversary as IDX",
     [](App& a, Overlays&) { a.save_adversary(PictureFormat::kIdx); }},
    {'p', "P", "save the sheet as PNG", [](App& a, Overlays&) { a.save_sheet(); }},
    {'k', "K", "make a link", [](App& a, Overlays&) { a.share_link(); }},
    {'g', "G", "guided tour", [](App&, Overlays& o) { o.tour_step = 0; }},
    {'h', "H", "this help", [](App&, Overlays& o) { o.help = !o.help; }},
    {kKeyEscape, "Esc", "close help or tour; stop an attack",
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
