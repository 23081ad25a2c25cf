#include <algorithm>
#include <array>

#include "web/app/sentences.h"
#include "web/panels/panels.h"
#include "web/panels/widgets.h"
#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

constexpr ImGuiWindowFlags kFloating = ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                                       ImGuiWindowFlags_AlwaysAutoResize |
                                       ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoNav;

// A window of its own over the page, `width` wide inside, its foot in the middle of `foot`.
template <class Content>
void floating(Ui& ui, const char* name, ImVec2 foot, float width, const Content& content) {
  const float padding = ui.em(16);
  ImGui::SetNextWindowPos(foot, ImGuiCond_Always, {0.5F, 1});
  ImGui::SetNextWindowSizeConstraints({width + 2 * padding, 0}, {width + 2 * padding, FLT_MAX});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {padding, padding});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, ui.em(12));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, ui.em(1.5F));
  ImGui::PushStyleColor(ImGuiCol_WindowBg, colors::kPanel);
  ImGui::PushStyleColor(ImGuiCol_Border, colors::kAccent);
  ImGui::Begin(name, nullptr, kFloating);
  ui.width = width;
  content();
  ui.note(name, ImGui::GetWindowPos(), ImGui::GetWindowSize());
  ImGui::End();
  ImGui::PopStyleColor(2);
  ImGui::PopStyleVar(3);
}

struct TourStep {
  const char* panel;         // of the layout: outlined
  const char* text;          // none: see tour_text
  bool (*done)(const App&);  // goes on by itself when the visitor has done it
};

constexpr TourStep kTour[] = {
    {"pad", texts::tour::draw,
     [](const App& app) { return !app.pad.is_example() && !app.pad.empty(); }},
    {"reading", texts::tour::reading, nullptr},
    {"epsilon", texts::tour::attack,
     [](const App& app) {  // the example is fooled from the beginning
       return !app.pad.is_example() && app.outcome() && app.outcome()->success;
     }},
    {"noise", nullptr, nullptr},
    {"inoculate_button", texts::tour::inoculation,
     [](const App& app) { return !app.experiments().rounds().empty(); }},
    {"before_after", texts::tour::bought, nullptr},
};
constexpr int kTourSteps = static_cast<int>(std::size(kTour));

// What is to be seen of the noise hangs on the epsilon that the visitor has just moved.
std::string tour_text(const TourStep& step, const App& app) {
  if (step.text) return step.text;
  return app.outcome() ? describe_noise(*app.outcome()) : texts::tour::no_digit;
}

void tour(App& app, Ui& ui) {
  int& step = ui.overlays.tour_step;
  if (step < 0) return;
  if (step >= kTourSteps) {
    step = -1;
    return;
  }
  const TourStep& now = kTour[step];
  const ImVec2 page = ImGui::GetIO().DisplaySize;
  const auto found = ui.layout.find(now.panel);
  if (found != ui.layout.end()) {
    const ImVec4 r = found->second;
    const float margin = ui.em(5);
    if (ui.tour_shown != step) {  // where the page is longer than the screen
      const float foot = page.y - ui.em(220);
      if (r.y < 0 || r.y + r.w > foot) ui.scroll_by = r.y + std::min(r.w, foot) - foot;
      ui.tour_shown = step;
    }
    ImGui::GetForegroundDrawList()->AddRect({r.x - margin, r.y - margin},
                                            {r.x + r.z + margin, r.y + r.w + margin},
                                            colors::kSignal, ui.em(8), 0, ui.em(2.5F));
  }
  const float width = std::min(ui.em(460), page.x - ui.em(60));
  floating(ui, "tour", {page.x / 2, page.y - ui.em(14)}, width, [&] {
    colored(ui, colors::kText, tour_text(now, app));
    const float each = ui.em(96);
    if (button(step + 1 < kTourSteps ? texts::tour::next : texts::tour::done, each, true, true))
      ++step;
    ui.note("tour_next");
    ImGui::SameLine();
    if (button(texts::tour::skip, each)) step = -1;
    ui.note("tour_skip");
    ImGui::SameLine();
    ImGui::AlignTextToFramePadding();
    const int number = std::min(std::max(step, 0) + 1, kTourSteps);
    ImGui::TextDisabled("%s", texts::tour::step(number, kTourSteps).c_str());
  });
  if (step >= 0 && step < kTourSteps && &kTour[step] == &now && now.done && now.done(app)) ++step;
}

void help(App& app, Ui& ui) {
  if (!ui.overlays.help) return;
  const ImVec2 page = ImGui::GetIO().DisplaySize;
  const float width = std::min(ui.em(760), page.x - ui.em(60));
  const int columns = width > ui.em(560) ? 2 : 1;
  ImGui::SetNextWindowFocus();
  floating(ui, "help_panel", {page.x / 2, page.y - ui.em(14)}, width, [&] {
    heading(ui, texts::help::heading);
    muted(ui, texts::help::about);
    ImGui::PushFont(ui.fonts.small);
    if (!ui.stacked) {
      // A place for each key, from the left to the right. ImGui's tables would cost 20 KB of code.
      int place = 0;
      const float left = ImGui::GetCursorPosX();
      const auto row = [&](const char* key, const char* what) {
        const int column = place++ % columns;
        const float at = left + width / static_cast<float>(columns) * static_cast<float>(column);
        if (column > 0) ImGui::SameLine(at);
        ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(colors::kSignal), "%s", key);
        ImGui::SameLine(at + ui.em(84));
        ImGui::TextUnformatted(what);
      };
      row("0 \xE2\x80\x93 9", texts::keys::take_digit);
      for (const Action& action : actions()) row(action.key_name, action.what);
    }
    ImGui::PopFont();
    const float each = std::min(ui.em(150), (width - ui.em(9)) / 2);
    if (button(texts::help::close, each, true, true)) ui.overlays.help = false;
    ui.note("help_close");
    ImGui::SameLine();
    if (button(texts::help::tour, each)) ui.overlays = {false, 0};
    ui.note("help_tour");
  });
  (void)app;
}

void notice(App& app, Ui& ui) {
  if (app.notice.text.empty() || ui.overlays.help) return;
  const ImVec2 page = ImGui::GetIO().DisplaySize;
  const float width = std::min(ui.em(620), page.x - ui.em(60));
  float foot = page.y - ui.em(14);
  if (ui.overlays.tour_step >= 0 && ui.layout.contains("tour")) {
    foot = ui.layout["tour"].y - ui.em(10);
  }
  floating(ui, "notice", {page.x / 2, foot}, width, [&] {
    const float dismiss = ui.em(52);
    ui.width = width - dismiss - ui.em(12);
    colored(ui, app.notice.is_error ? colors::kAlarm : colors::kText, app.notice.text);
    ImGui::SameLine();
    ImGui::SetCursorPosX(ui.em(16) + width - dismiss);
    if (button(texts::dismiss_notice, dismiss)) app.notice = {};
    ui.note("notice_ok");
  });
  // What is no error has been read by the time the visitor does the next thing.
  if (!app.notice.is_error && ImGui::IsMouseClicked(0)) app.notice = {};
}

}  // namespace

void draw_overlays(App& app, Ui& ui) {
  draw_focus(ui);
  tour(app, ui);
  notice(app, ui);
  help(app, ui);
}

}  // namespace inoculate::page
