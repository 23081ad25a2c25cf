#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "web/panels/attack_parts.h"
#include "web/panels/widgets.h"
#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

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
    if (leads) line.name = texts::attack::read_as(digit);
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
    line.color = colors::network(i);
    line.thickness = i == app.network_in_use() ? 3.0F : 1.5F;
    line.name = app.network_title(i);
    line.x = sweep.epsilons;
    for (const Reading& r : sweep.readings) line.y.push_back(r.probability(app.attacked_label()));
    chart.lines.push_back(std::move(line));
  }
}

}  // namespace

void attack_curves(App& app, Ui& ui, float height) {
  constexpr const char* kCurves[] = {texts::attack::digits, texts::attack::networks};
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

}  // namespace inoculate::page
