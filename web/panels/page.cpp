#include <algorithm>
#include <span>
#include <utility>

#include "web/panels/panels.h"

namespace inoculate::page {
namespace {

constexpr float kGap = 14;       // between panels, and around them
constexpr float kPadding = 16;   // inside a panel
constexpr float kNarrow = 1000;  // below this width panels are stacked

constexpr float kRounding = 12;  // of a panel's corners

// The page comes cleared in the colour of its panels, which cover most of it, and the ground is
// painted around them: where no GPU draws, filling panels would take a quarter of a frame. `rects`
// are the panels', one below the other or side by side; the ground begins at `top`.
void paint_ground(const Ui& ui, ImVec2 page, float top, std::span<const ImVec4> rects) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const auto fill = [&](float left, float upper, float right, float lower) {
    list.AddRectFilled({left, upper}, {right, lower}, colors::kBackground);
  };
  const ImVec4 first = rects.front(), last = rects.back();
  const float right = last.x + last.z, bottom = last.y + last.w;
  fill(0, top, page.x, first.y);
  fill(0, first.y, first.x, bottom);
  fill(right, first.y, page.x, bottom);
  fill(0, bottom, page.x, std::max(page.y, bottom + ui.em(kGap)));
  for (std::size_t i = 1; i < rects.size(); ++i) {
    const ImVec4 before = rects[i - 1], here = rects[i];
    if (ui.stacked) {
      fill(here.x, before.y + before.w, right, here.y);
    } else {
      fill(before.x + before.z, here.y, here.x, bottom);
    }
  }
  for (const ImVec4& r : rects) {
    const ImVec2 at{r.x, r.y}, corner{r.x + r.z, r.y + r.w};
    const float edge = ui.em(kRounding) / 2, out = edge / 2;  // as thick as a corner is deep
    list.AddRect({at.x - out, at.y - out}, {corner.x + out, corner.y + out}, colors::kBackground,
                 ui.em(kRounding) + out, 0, edge);
    list.AddRect(at, corner, colors::kPanelEdge, ui.em(kRounding));
  }
}

// Draws what `content` draws as a panel at `at`, and gives its height. `least` is the least height.
template <class Content>
float panel(Ui& ui, const char* name, ImVec2 at, float width, float least, const Content& content) {
  const float padding = ui.em(kPadding);
  ImGui::SetCursorScreenPos({at.x + padding, at.y + padding});
  ImGui::PushID(name);
  ImGui::BeginGroup();
  ui.width = width - 2 * padding;
  content();
  ImGui::EndGroup();
  ImGui::PopID();
  const float height = std::max(ImGui::GetItemRectSize().y + 2 * padding, least);
  ui.layout[name] = {at.x, at.y, width, height};
  return height;
}

// A finger that begins its drag beside every control scrolls the page. A control that is pressed is
// active at once; later on the page itself is.
void scroll_by_finger(Ui& ui) {
  if (!ui.stacked) return;
  if (ImGui::IsMouseClicked(0)) {
    ui.scrolling = ImGui::IsWindowHovered() && !ImGui::IsAnyItemActive();
  } else if (ui.scrolling && ImGui::IsMouseDown(0)) {
    ImGui::SetScrollY(ImGui::GetScrollY() - ImGui::GetIO().MouseDelta.y);
  }
}

}  // namespace

bool is_narrow(float width) { return width < kNarrow; }

void draw_page(App& app, Ui& ui) {
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  ui.layout.clear();
  ui.pictures = 0;
  ImGui::SetNextWindowPos({0, 0});
  ImGui::SetNextWindowSize(size);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  ImGui::Begin("page", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoBackground |
                   ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoBringToFrontOnFocus |
                   ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoNav);
  ImGui::PopStyleVar();
  ImGui::PushFont(ui.fonts.body);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.ChannelsSplit(2);
  list.ChannelsSetCurrent(1);
  const float gap = ui.em(kGap);
  const ImVec2 origin = ImGui::GetCursorScreenPos();
  const float left = origin.x + gap, width = size.x - 2 * gap;

  ImGui::SetCursorScreenPos({left, origin.y + ui.em(10)});
  ui.width = width;
  ImGui::BeginGroup();
  draw_header(app, ui);
  ImGui::EndGroup();
  float top = ImGui::GetItemRectMax().y + ui.em(10);

  const std::pair<const char*, void (*)(App&, Ui&)> panels[] = {
      {"draw", draw_pad_panel},
      {"attack", draw_attack_panel},
      {"inoculate", draw_inoculation_panel}};
  float bottom = top;
  if (ui.stacked) {
    for (const auto& [name, draw] : panels) {
      bottom = top + panel(ui, name, {left, top}, width, 0, [&, draw = draw] { draw(app, ui); });
      top = bottom + gap;
    }
  } else {
    const float shares[] = {0.27F, 0.405F, 0.325F};
    const float all = width - 2 * gap;
    // Panels end together: at the foot of the page, or where the longest ends.
    const float least =
        std::max(origin.y + ImGui::GetScrollY() + size.y - gap - top, ui.columns_height);
    ui.foot = origin.y + ImGui::GetScrollY() + size.y - gap - ui.em(kPadding);
    float x = left, tallest = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const auto draw = panels[i].second;
      panel(ui, panels[i].first, {x, top}, all * shares[i], least, [&] { draw(app, ui); });
      tallest = std::max(tallest, ImGui::GetItemRectSize().y + 2 * ui.em(kPadding));
      x += all * shares[i] + gap;
    }
    ui.columns_height = tallest;
    bottom = top + std::max(least, tallest);
  }
  list.ChannelsSetCurrent(0);
  const ImVec4 rects[] = {ui.layout["draw"], ui.layout["attack"], ui.layout["inoculate"]};
  paint_ground(ui, size, origin.y, rects);
  list.ChannelsMerge();
  ImGui::SetCursorScreenPos({left, bottom});
  ImGui::Dummy({1, gap});
  scroll_by_finger(ui);
  if (ui.scroll_by != 0) ImGui::SetScrollY(ImGui::GetScrollY() + ui.scroll_by);
  ui.scroll_by = 0;
  ImGui::PopFont();
  ImGui::End();
  ImGui::PushFont(ui.fonts.body);
  draw_overlays(app, ui);
  ImGui::PopFont();
}

}  // namespace inoculate::page
