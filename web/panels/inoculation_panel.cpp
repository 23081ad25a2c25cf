#include <algorithm>
#include <cmath>
#include <cstdio>

#include "web/app/sentences.h"
#include "web/lab/settings_json.h"
#include "web/panels/control_widgets.h"
#include "web/panels/widgets.h"
#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

constexpr float kRowName = 96;  // the width of a row's name, and the space after it

void settings(App& app, Ui& ui) {
  InoculationSettings& s = app.inoculation;
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const float half = (ui.width - gap) / 2;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::BeginGroup();
  range_control(app, ui, "inoculation_count", half);
  range_control(app, ui, "inoculation_epochs", half);
  ImGui::EndGroup();
  ImGui::SetCursorScreenPos({at.x + half + gap, at.y});
  ImGui::BeginGroup();
  range_control(app, ui, "inoculation_epsilon", half);
  range_control(app, ui, "inoculation_rate", half);
  ImGui::EndGroup();
  ImGui::BeginDisabled(app.experiments().running().has_value());
  constexpr const char* kMaking[] = {texts::controls::fresh_each_epoch,
                                     texts::controls::replay_the_old};
  int making = s.fresh ? 0 : 1;
  if (segmented(ui, "making", kMaking, making, ui.width)) s.fresh = making == 0;
  ui.note("inoculation_making");
  ImGui::EndDisabled();
  toggle_control(app, ui, "inoculation_mix");
}

void buttons(App& app, Ui& ui) {
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const float half = (ui.width - gap) / 2;
  if (!app.experiments().running()) {
    press_control(app, ui, "inoculate_button", half, true);
    ImGui::SameLine();
    press_control(app, ui, "reset", half);
    return;
  }
  const bool paused = app.experiments().running()->paused;
  if (button(paused ? texts::controls::resume.label : texts::controls::pause.label, half, true,
             paused))
    app.experiments().pause(!paused);
  ui.note("pause");
  ImGui::SameLine();
  press_control(app, ui, "stop", half);
}

void course(const App& app, Ui& ui) {
  const RunningInoculation& run =
      app.experiments().running() ? *app.experiments().running() : app.experiments().last_run();
  if (app.experiments().running()) {
    const std::string text =
        run.phase == kTraining
            ? texts::inoculation::epoch_and_rest(run.epoch, run.epochs, std::ceil(run.seconds_left))
            : describe_phase(run);
    ImGui::PushStyleColor(ImGuiCol_PlotHistogram, colors::kAccentPressed);
    ImGui::ProgressBar(run.progress(), {ui.width, 0}, text.c_str());
    ImGui::PopStyleColor();
    ui.note("progress");
  }
  if (run.points.empty() && ui.stacked) return;
  ChartLine loss{colors::kSignal, {}, {}, 2, texts::inoculation::loss},
      accuracy{colors::kCalm, {}, {}, 2, texts::inoculation::accuracy};
  float most = 0.5F;
  for (const TrainingPoint& point : run.points) most = std::max(most, point.loss);
  for (std::size_t i = 0; i < run.points.size(); ++i) {
    for (ChartLine* line : {&loss, &accuracy}) line->x.push_back(static_cast<float>(i + 1));
    loss.y.push_back(run.points[i].loss / most);
    accuracy.y.push_back(run.points[i].accuracy);
  }
  if (!run.points.empty()) loss.name = texts::inoculation::loss_to(most);
  Chart chart;
  chart.lines = {loss, accuracy};
  chart.x_max = static_cast<float>(std::max(run.steps, 1));
  if (run.steps > 0) chart.x_ticks = {{chart.x_max, texts::inoculation::steps(run.steps)}};
  draw_chart(ui, chart, ImGui::GetCursorScreenPos(), {ui.width, ui.em(92)});
  ImGui::Dummy({ui.width, ui.em(92)});
}

// One figure with its interval as a bar: what stands in the table.
void score_cell(const Ui& ui, const Score& score, ImU32 color, float width) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const std::string accuracy = percent_text(score.accuracy);
  char interval[48];
  std::snprintf(interval, sizeof interval, "%.1f\xE2\x80\x93%.1f", 100 * score.low,
                100 * score.high);
  ImGui::PushFont(ui.fonts.small);
  const float text = ImGui::CalcTextSize(interval).x;
  ImGui::PopFont();
  // Beside the accuracy, or below it where there is no room.
  const bool below = ImGui::CalcTextSize(accuracy.c_str()).x + text + ui.em(6) > width;
  const float y = at.y + ui.em(below ? 42 : 24), height = ui.em(5);
  const auto x = [&](double share) { return at.x + width * static_cast<float>(share); };
  list.AddText(at, colors::kText, accuracy.c_str());
  ImGui::PushFont(ui.fonts.small);
  list.AddText({below ? at.x : at.x + width - text, at.y + ui.em(below ? 21 : 2)}, colors::kMuted,
               interval);
  ImGui::PopFont();
  list.AddRectFilled({at.x, y}, {at.x + width, y + height}, colors::kWell, ui.em(2));
  list.AddRectFilled({at.x, y}, {x(score.accuracy), y + height}, color, ui.em(2));
  list.AddLine({x(score.low), y + height / 2}, {x(score.high), y + height / 2}, colors::kText,
               ui.em(1.5F));
  ImGui::Dummy({width, ui.em(below ? 50 : 32)});
}

// Before there is anything to show: what will be.
void what_is_measured(Ui& ui) {
  muted(ui, texts::inoculation::what_is_measured);
  constexpr std::pair<const char*, const char*> kRows[] = {
      {texts::inoculation::clean, texts::inoculation::what_clean_is},
      {texts::inoculation::replayed, texts::inoculation::what_replayed_is},
      {texts::inoculation::fresh, texts::inoculation::what_fresh_is}};
  const float left = ImGui::GetCursorPosX(), width = ui.width;
  for (const auto& [name, what] : kRows) {
    ImGui::TextUnformatted(name);
    ImGui::SameLine();
    ImGui::SetCursorPosX(left + ui.em(kRowName));
    ui.width = width - ui.em(kRowName);
    muted(ui, what);
  }
  ui.width = width;
}

void before_and_after(const App& app, Ui& ui) {
  if (app.experiments().rounds().empty()) return what_is_measured(ui);
  const Round& round = app.experiments().rounds().back();
  const float gap = ui.em(12), name = ui.em(kRowName) - gap;
  const float cell = (ui.width - name - 2 * gap) / 2;
  const float left = ImGui::GetCursorPosX();
  ImGui::PushFont(ui.fonts.small);
  ImGui::PushStyleColor(ImGuiCol_Text, colors::kMuted);
  ImGui::TextUnformatted(texts::inoculation::accuracy_in_percent);
  ImGui::SameLine();
  ImGui::SetCursorPosX(left + name + gap);
  ImGui::TextUnformatted(texts::inoculation::before);
  ImGui::SameLine();
  ImGui::SetCursorPosX(left + name + 2 * gap + cell);
  ImGui::TextUnformatted(texts::inoculation::after);
  ImGui::PopStyleColor();
  ImGui::PopFont();
  const auto row = [&](const char* what, const Score& before, const Score& after, ImU32 color) {
    ImGui::TextUnformatted(what);
    ImGui::SameLine();
    ImGui::SetCursorPosX(left + name + gap);
    score_cell(ui, before, color, cell);
    ImGui::SameLine();
    ImGui::SetCursorPosX(left + name + 2 * gap + cell);
    score_cell(ui, after, color, cell);
  };
  ImGui::BeginGroup();
  row(texts::inoculation::clean, round.before.clean, round.after.clean, colors::kCalm);
  row(texts::inoculation::replayed, round.before.replayed, round.after.replayed, colors::kFaint);
  row(texts::inoculation::fresh, round.before.fresh, round.after.fresh, colors::kAccent);
  ImGui::EndGroup();
  ui.note("before_after");
  muted(ui, texts::inoculation::how_measured(round.after.clean.n, round.epsilon));
  if (app.outcome()) {
    const bool fooled = app.outcome()->success;
    const std::string read = describe_guess(app.outcome()->adversary.reading);
    colored(ui, fooled ? colors::kAlarm : colors::kCalm,
            fooled ? texts::inoculation::own_picture_fooled(read)
                   : texts::inoculation::own_picture_holds(read));
  }
}

void arms_race(const App& app, Ui& ui) {
  Chart chart;
  ChartLine clean{colors::kCalm, {}, {}, 2, texts::inoculation::race_clean},
      fresh{colors::kAccent, {}, {}, 2.5F, texts::inoculation::race_fresh};
  const auto add = [](ChartLine& line, float x, const Score& score) {
    line.x.push_back(x);
    line.y.push_back(static_cast<float>(score.accuracy));
    line.low.push_back(static_cast<float>(score.low));
    line.high.push_back(static_cast<float>(score.high));
  };
  float x = 0;
  for (const Round& round : app.experiments().rounds()) {
    if (x == 0) {
      add(clean, x, round.before.clean);
      add(fresh, x, round.before.fresh);
      chart.x_ticks.emplace_back(x, texts::inoculation::race_start);
    }
    x += 1;
    add(clean, x, round.after.clean);
    add(fresh, x, round.after.fresh);
    if (app.experiments().rounds().size() <= 10)
      chart.x_ticks.emplace_back(x, std::to_string(chart.x_ticks.size()));
  }
  chart.lines = {clean, fresh};
  chart.x_max = std::max(1.0F, x);
  const float height = ui.growing(ui.em(150), ui.em(260), ui.em(80));
  draw_chart(ui, chart, ImGui::GetCursorScreenPos(), {ui.width, height});
  ImGui::Dummy({ui.width, height});
  muted(ui, app.experiments().rounds().empty() ? texts::inoculation::race_to_come
                                               : texts::inoculation::race_shown);
}

void robust_curves(App& app, Ui& ui) {
  if (app.experiments().measuring_curves()) {
    if (stop_button(app.experiments().curves_progress(), 0))
      app.experiments().stop_measuring_curves();
    ui.note("stop_curves");
  } else {
    press_control(app, ui, "measure_curves", 0);
  }
  Chart chart;
  chart.x_max = kLargestEpsilon;
  chart.x_ticks = {{0, "0"},      {0.1F, "0.1"}, {0.2F, "0.2"},
                   {0.3F, "0.3"}, {0.4F, "0.4"}, {0.5F, "0.5"}};
  std::size_t i = 0;
  for (const RobustCurve& curve : app.experiments().robust_curves()) {
    ChartLine line{colors::network(i++), curve.epsilons, {}, 2.5F, curve.name};
    for (const Score& score : curve.scores) {
      line.y.push_back(static_cast<float>(score.accuracy));
      line.low.push_back(static_cast<float>(score.low));
      line.high.push_back(static_cast<float>(score.high));
    }
    chart.lines.push_back(std::move(line));
  }
  const float height = ui.growing(ui.em(170), ui.em(260), ui.em(80));
  draw_chart(ui, chart, ImGui::GetCursorScreenPos(), {ui.width, height});
  ImGui::Dummy({ui.width, height});
  muted(ui,
        texts::inoculation::how_curves_are_measured(SweepSettings{}.count, SweepSettings{}.steps));
}

}  // namespace

void draw_inoculation_panel(App& app, Ui& ui) {
  heading(ui, texts::inoculation::heading);
  settings(app, ui);
  buttons(app, ui);
  course(app, ui);
  constexpr const char* kCharts[] = {texts::inoculation::what_it_bought,
                                     texts::inoculation::arms_race,
                                     texts::inoculation::over_epsilon};
  segmented(ui, "charts", kCharts, ui.chart, ui.width);
  ui.note("charts");
  switch (ui.chart) {
    case 0:
      before_and_after(app, ui);
      break;
    case 1:
      arms_race(app, ui);
      break;
    default:
      robust_curves(app, ui);
  }
}

}  // namespace inoculate::page
