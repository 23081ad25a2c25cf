#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>

#include "web/app/sentences.h"
#include "web/panels/panels.h"
#include "web/panels/widgets.h"

namespace inoculate::page {
namespace {

// The methods that follow the slider have buttons, in the order of the list; the others are a list
// that opens.
constexpr int kButtons = 3;

void method_choice(App& app, Ui& ui, float width) {
  const auto all = page_methods();
  const char* labels[kButtons];
  int chosen = -1;
  for (int i = 0; i < kButtons; ++i) {
    labels[i] = all[static_cast<std::size_t>(i)].title;
    if (app.attack.method == all[static_cast<std::size_t>(i)].name) chosen = i;
  }
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const float list = (width - gap) * 0.46F;
  if (segmented(ui, "method", labels, chosen, width - gap - list)) {
    app.attack.method = all[static_cast<std::size_t>(chosen)].name;
  }
  ui.note("method");
  ImGui::SameLine();
  ImGui::SetNextItemWidth(list);
  ImGui::PushStyleColor(ImGuiCol_FrameBg, chosen < 0 ? colors::kChosen : colors::kControl);
  const char* shown = chosen < 0 ? page_method(app.attack.method).title : "More attacks";
  if (ImGui::BeginCombo("##more", shown, ImGuiComboFlags_HeightLarge)) {
    for (const PageMethod& method : all.subspan(kButtons)) {
      if (ImGui::Selectable(method.title, app.attack.method == method.name)) {
        app.attack.method = method.name;
      }
      ui.note((std::string("method_") + method.name).c_str());
    }
    ImGui::EndCombo();
  }
  ImGui::PopStyleColor();
  ui.note("more");
}

void method_and_target(App& app, Ui& ui) {
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const float target = ui.stacked ? ui.width : ui.em(150);
  method_choice(app, ui, ui.stacked ? ui.width : ui.width - target - gap);
  if (!ui.stacked) ImGui::SameLine();
  ImGui::SetNextItemWidth(target);
  const auto name = [](int digit) { return "Towards " + std::to_string(digit); };
  if (ImGui::BeginCombo("##target",
                        app.attack.target ? name(*app.attack.target).c_str() : "Any wrong digit",
                        ImGuiComboFlags_HeightLarge)) {
    if (ImGui::Selectable("Any wrong digit", !app.attack.target)) app.attack.target.reset();
    ui.note("target_any");
    for (int digit = 0; digit < kDigits; ++digit) {
      if (ImGui::Selectable(name(digit).c_str(), app.attack.target == digit)) {
        app.attack.target = digit;
      }
      ui.note(("target_" + std::to_string(digit)).c_str());
    }
    ImGui::EndCombo();
  }
  ui.note("target");
}

void strength(App& app, Ui& ui) {
  if (app.attack.method == kLineAttack) {
    if (button("Take the line away", 0, !app.attack.line.empty())) app.attack.line.clear();
    ui.note("clear_line");
    return;
  }
  const PageMethod& method = page_method(app.attack.method);
  const bool two = std::popcount(method.knobs) == 2;
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const float width = two ? (ui.width - gap) / 2 : ui.width;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  bool first = true;
  const auto knob = [&](Knob which, const char* name, auto&& draw) {
    if (!method.has(which)) return;
    if (!first) ImGui::SetCursorScreenPos({at.x + width + gap, at.y});
    first = false;
    ImGui::BeginGroup();
    draw();
    ui.note(name);
    ImGui::EndGroup();
  };
  AttackSettings& s = app.attack;
  knob(kEpsilonKnob, "epsilon", [&] {
    slider(ui, two ? "Epsilon" : "Epsilon: the most that any pixel may change", s.epsilon, 0,
           kLargestEpsilon, "%.3f", width);
  });
  knob(kStepsKnob, "steps", [&] { slider(ui, "Steps", s.steps, 1, kMostSteps, width); });
  knob(kQueriesKnob, "queries",
       [&] { slider(ui, "Queries at most", s.queries, kLeastQueries, kMostQueries, width); });
  knob(kPixelsKnob, "pixel_budget",
       [&] { slider(ui, "Pixels at most", s.pixel_budget, 1, kMostPixels, width); });
  if (method.knobs == 0) muted(ui, "It takes whatever misleads; there is no strength to set.");
}

// How much the perturbation is amplified to be seen: a round factor.
float amplification(float largest_change) {
  for (const float factor : {1.0F, 2.0F, 3.0F, 5.0F, 10.0F, 20.0F, 50.0F}) {
    if (largest_change * factor >= 0.65F) return factor;
  }
  return 100;
}

// The line attack is drawn on the adversary itself.
void draw_line_on(App& app, Ui& ui, ImVec2 at, float side) {
  if (app.attack.method != kLineAttack) return;
  const ImVec2 after = ImGui::GetCursorScreenPos();
  ImGui::SetCursorScreenPos(at);
  ImGui::InvisibleButton("line", {side, side});
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const PadPoint point{std::clamp((mouse.x - at.x) / side, 0.0F, 1.0F),
                       std::clamp((mouse.y - at.y) / side, 0.0F, 1.0F)};
  if (ImGui::IsItemActivated()) {
    app.attack.line.push_back({{point, point}, app.pen.radius / 2, app.pen.erase});
    ui.drawing_line = true;
  } else if (ui.drawing_line && ImGui::IsItemActive() && !app.attack.line.empty()) {
    app.attack.line.back().points.back() = point;  // straight, from where it began to here
  } else {
    ui.drawing_line = false;
  }
  ImGui::SetCursorScreenPos(after);
}

// How many of a network's guesses are shown, each so high.
struct Guesses {
  int count = 3;
  float height = 0;
  float all() const {
    return static_cast<float>(count) * (height + ImGui::GetStyle().ItemSpacing.y);
  }
};

// As many and as high as they may be with `spare` pixels more than they need.
Guesses guesses(const Ui& ui, float spare) {
  const Guesses least{3, std::ceil(ui.em(19))};
  constexpr int kMore = 5;
  const float each = (least.all() + spare) / kMore - ImGui::GetStyle().ItemSpacing.y;
  return each < least.height ? least : Guesses{kMore, std::floor(std::min(each, ui.em(26)))};
}

struct Column {
  const char* name;  // for the layout
  std::string title;
  const Picture* from = nullptr;  // to show the change from it
  const Picture* picture = nullptr;
  const Reading* reading = nullptr;
};

void picture_column(App& app, Ui& ui, const Column& column, float side, float factor,
                    const Guesses& guesses) {
  ImGui::BeginGroup();
  ImGui::PushFont(ui.fonts.small);
  ImGui::PushStyleColor(ImGuiCol_Text, colors::kMuted);
  ImGui::TextUnformatted(column.title.c_str());
  ImGui::PopStyleColor();
  ImGui::PopFont();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  if (column.from != nullptr) {
    draw_change(at, side, *column.from, *column.picture, factor);
  } else {
    draw_picture(at, side, *column.picture);
  }
  const bool wrong = column.reading != nullptr && column.reading->best() != app.attacked_label();
  ImGui::GetWindowDrawList()->AddRect(at, {at.x + side, at.y + side},
                                      wrong ? colors::kAlarm : colors::kPanelEdge, 0, 0,
                                      ui.em(wrong ? 2.0F : 1.0F));
  if (std::string(column.name) == "adversary") draw_line_on(app, ui, at, side);
  ImGui::Dummy({side, side});
  ui.note(column.name);
  if (column.reading != nullptr) {
    best_guesses(ui, *column.reading, app.attacked_label(), guesses.count, {side, guesses.height});
  } else {
    ImGui::PushFont(ui.fonts.small);
    const AttackOutcome& o = *app.outcome();
    char text[96];
    int end = std::snprintf(text, sizeof text, "L-inf %.3f\nL2 %.2f",
                            static_cast<double>(o.largest_change), static_cast<double>(o.l2));
    if (page_method(app.attack.method).norm == Norm::kL0) {
      end += std::snprintf(text + end, sizeof text - static_cast<std::size_t>(end), "\n%d pixels",
                           o.pixels_changed);
    }
    if (const int calls = o.calls.forward > 0 ? o.calls.forward : o.calls.gradient; calls > 1) {
      std::snprintf(text + end, sizeof text - static_cast<std::size_t>(end), "\n%d %s", calls,
                    o.calls.forward > 0 ? "queries" : "gradients");
    }
    ImGui::TextUnformatted(text);
    ImGui::PopFont();
  }
  ImGui::EndGroup();
}

void pictures(App& app, Ui& ui, const Guesses& guesses) {
  const AttackOutcome& o = *app.outcome();
  const float factor = amplification(o.largest_change);
  char change[32];
  std::snprintf(change, sizeof change, "Change \xC3\x97 %.0f", static_cast<double>(factor));
  const Column columns[] = {
      {"original", "Original", nullptr, &o.original.pixels, &o.original.reading},
      {"perturbation", change, &o.original.pixels, &o.adversary.pixels, nullptr},
      {"adversary", "Adversary", nullptr, &o.adversary.pixels, &o.adversary.reading},
      {"noise", "Random noise", nullptr, &o.noise.pixels, &o.noise.reading}};
  const int in_row = ui.stacked ? 2 : 4;
  const float gap = ui.em(12);
  const float side = (ui.width - gap * static_cast<float>(in_row - 1)) / static_cast<float>(in_row);
  for (int i = 0; i < 4; ++i) {
    if (i % in_row != 0) ImGui::SameLine(0, gap);
    picture_column(app, ui, columns[i], side, factor, guesses);
  }
}

// What there is to do beside the sliders: for a live attack the search for the smallest epsilon,
// for one of the attacker's to stop it or to draw its random numbers anew.
void main_button(App& app, Ui& ui, float width) {
  const PageMethod& method = page_method(app.attack.method);
  if (method.live()) {
    if (button("Smallest epsilon that fools it", width, true, true)) app.find_smallest_epsilon();
    ui.note("smallest_epsilon");
  } else if (app.attacking()) {
    char label[48];
    std::snprintf(label, sizeof label, "Stop (%.0f %% done)###stop",
                  static_cast<double>(100 * app.attack_progress()));
    if (button(label, width)) app.cancel_attack();
    ui.note("cancel_attack");
  } else {
    if (button("Attack again", width, true, true)) app.reroll_noise();
    ui.note("attack_again");
  }
}

void attack_buttons(App& app, Ui& ui) {
  const bool more = app.attack.method != kLineAttack;
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const float half = (ui.width - gap) / 2;
  const float quarter = (ui.width - 3 * gap) / 4;
  if (more) {
    main_button(app, ui, ui.stacked ? ui.width : half);
    if (!ui.stacked) ImGui::SameLine();
  }
  const float each = more && !ui.stacked ? quarter : half;
  if (button("Save picture", each)) app.save_adversary();
  ui.note("save_adversary");
  ImGui::SameLine();
  if (button("Save sheet", each)) app.save_sheet();
  ui.note("save_sheet");
}

// The ten probabilities as epsilon grows: those of the label and of what is read instead lead.
void add_digit_lines(Chart& chart, const App& app, const EpsilonSweep& sweep) {
  const int label = app.attacked_label();
  const auto& ranking = app.outcome()->adversary.reading.ranking;
  const int other = app.attack.target.value_or(ranking[0] != label ? ranking[0] : ranking[1]);
  for (int digit = 0; digit < kDigits; ++digit) {
    ChartLine line;
    const bool leads = digit == label || digit == other;
    line.color = digit == label ? colors::kCalm : digit == other ? colors::kAlarm : colors::kFaint;
    line.thickness = leads ? 2.5F : 1;
    line.x = sweep.epsilons;
    for (const Reading& reading : sweep.readings) line.y.push_back(reading.probability(digit));
    if (leads) line.name = "read as " + std::to_string(digit);
    chart.lines.push_back(std::move(line));
  }
  // The two that matter lie over the others.
  std::stable_partition(chart.lines.begin(), chart.lines.end(),
                        [](const ChartLine& line) { return line.name.empty(); });
}

// How sure each network is of the label, attacked itself, as epsilon grows.
void add_network_lines(Chart& chart, const App& app) {
  for (std::size_t i = 0; i < app.networks().size(); ++i) {
    if (!app.networks()[i].sweep) continue;
    const EpsilonSweep& sweep = *app.networks()[i].sweep;
    ChartLine line;
    line.color = colors::kNetworks[i % std::size(colors::kNetworks)];
    line.thickness = i == app.network_in_use() ? 3.0F : 1.5F;
    line.name = app.network_title(i);
    line.x = sweep.epsilons;
    for (const Reading& r : sweep.readings) line.y.push_back(r.probability(app.attacked_label()));
    chart.lines.push_back(std::move(line));
  }
}

void curve_chart(App& app, Ui& ui, float height) {
  constexpr const char* kCurves[] = {"Digits", "Networks"};
  const float choice = ui.stacked ? ui.width : ui.em(150);
  const ImVec2 top = ImGui::GetCursorScreenPos();
  if (!ui.stacked) ImGui::SetCursorScreenPos({top.x + ui.width - choice, top.y});
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding,
                      {0, ui.stacked ? ImGui::GetStyle().FramePadding.y : ui.em(1)});
  segmented(ui, "curves", kCurves, ui.curves, choice);
  ImGui::PopStyleVar();
  ui.note("curves");
  // The choice stands in the row of the legend.
  if (!ui.stacked) ImGui::SetCursorScreenPos({top.x, top.y + ui.em(4)});
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const ImVec2 size{ui.width, height};
  Chart chart;
  chart.x_max = kLargestEpsilon;
  chart.x_ticks = {{0, "0"},      {0.1F, "0.1"}, {0.2F, "0.2"},
                   {0.3F, "0.3"}, {0.4F, "0.4"}, {0.5F, "0.5"}};
  chart.marker = app.attack.epsilon;
  const std::size_t in_use = app.network_in_use();
  if (ui.curves == 1) {
    add_network_lines(chart, app);
  } else if (in_use < app.networks().size() && app.networks()[in_use].sweep) {
    add_digit_lines(chart, app, *app.networks()[in_use].sweep);
  }
  draw_chart(ui, chart, at, size);
  // Below the row of the legend, where the choice is.
  const float legend = ui.em(18);
  ImGui::SetCursorScreenPos({at.x, at.y + legend});
  ImGui::InvisibleButton("sweep", {size.x, size.y - legend});
  ui.note("sweep");
  if (ImGui::IsItemActive()) {
    const float left = at.x + ui.em(44), right = at.x + size.x - ui.em(6);
    const float share = (ImGui::GetIO().MousePos.x - left) / (right - left);
    app.attack.epsilon = kLargestEpsilon * std::clamp(share, 0.0F, 1.0F);
  }
}

// A reading in a few letters, calm where it is the label.
void short_reading(const App& app, const Reading& reading) {
  ImGui::PushStyleColor(ImGuiCol_Text,
                        reading.best() == app.attacked_label() ? colors::kCalm : colors::kAlarm);
  ImGui::Text("%d  %s", reading.best(), percent_text(reading.confidence()).c_str());
  ImGui::PopStyleColor();
}

// Every network beside the others: does this adversary transfer to it, and does it withstand the
// same attack made against itself?
void networks_side_by_side(App& app, Ui& ui) {
  const std::size_t count = app.transferred().size();
  if (count < 2) return;
  const float transferred = ui.width * 0.36F, attacked = ui.width * 0.68F;  // columns
  const bool drawn = app.attack.method == kLineAttack;
  ImGui::PushFont(ui.fonts.small);
  ImGui::PushStyleColor(ImGuiCol_Text, colors::kMuted);
  ImGui::TextUnformatted("Networks");
  ImGui::SameLine(transferred);
  ImGui::TextUnformatted("this adversary");
  if (!drawn) {
    ImGui::SameLine(attacked);
    ImGui::TextUnformatted("attacked itself");
  }
  ImGui::PopStyleColor();
  ImGui::PopFont();
  for (std::size_t i = 0; i < count; ++i) {
    ImGui::PushStyleColor(ImGuiCol_Text,
                          i == app.network_in_use() ? colors::kText : colors::kMuted);
    ImGui::TextUnformatted(app.network_title(i).c_str());
    ImGui::PopStyleColor();
    ImGui::SameLine(transferred);
    short_reading(app, app.transferred()[i]);
    if (drawn) continue;
    ImGui::SameLine(attacked);
    if (i == app.network_in_use() && app.attacked()) {
      short_reading(app, app.outcome()->adversary.reading);
    } else if (i < app.networks().size() && app.networks()[i].attacked) {
      short_reading(app, *app.networks()[i].attacked);
    } else {
      ImGui::TextUnformatted("...");
    }
  }
}

}  // namespace

void draw_attack_panel(App& app, Ui& ui) {
  heading(ui, "2   Attack it");
  method_and_target(app, ui);
  strength(app, ui);
  if (!app.outcome()) {
    muted(ui, "Draw a digit or take one, and it is attacked here as you go.");
    ImGui::Dummy({ui.width, 1});
    return;
  }
  // What the screen has to spare goes to the curves; where there are none, to the guesses.
  const bool curve = page_method(app.attack.method).has_curve();
  const float higher = curve ? std::min(ui.attack_spare, std::floor(ui.em(90))) : 0;
  const Guesses least = guesses(ui, 0), now = guesses(ui, curve ? 0 : ui.attack_spare);
  pictures(app, ui, now);
  if (app.attacked()) {
    colored(ui, app.outcome()->success ? colors::kAlarm : colors::kText,
            describe_attack(*app.outcome(), app.attack));
  } else {
    colored(ui, colors::kMuted, app.attacking() ? "Attacking ..." : "Not attacked.");
  }
  ui.note("verdict");
  attack_buttons(app, ui);
  if (curve) curve_chart(app, ui, ui.em(104) + higher);
  networks_side_by_side(app, ui);
  muted(ui, page_method(app.attack.method).lesson);
  const float end = ImGui::GetItemRectMax().y - higher - (now.all() - least.all());
  // Whole pixels: or what ImGui rounds would never settle.
  ui.attack_spare = ui.stacked ? 0 : std::max(0.0F, std::floor(ui.foot - end));
}

}  // namespace inoculate::page
