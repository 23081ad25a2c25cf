#include "web/panels/widgets.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "web/picture/picture.h"
#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

ImU32 mix(ImU32 a, ImU32 b, float share) {
  const ImVec4 from = ImGui::ColorConvertU32ToFloat4(a), to = ImGui::ColorConvertU32ToFloat4(b);
  const auto between = [&](float u, float v) {
    return u + (v - u) * std::clamp(share, 0.0F, 1.0F);
  };
  return ImGui::ColorConvertFloat4ToU32(
      {between(from.x, to.x), between(from.y, to.y), between(from.z, to.z), 1});
}

// Pixels in a square of `side` on the screen with its corner at `at`, all of them of `tint`.
void draw_pixels(Ui& ui, ImVec2 at, float side, const Pixels& pixels, ImU32 tint = IM_COL32_WHITE) {
  const ImTextureID texture = ui.texture_of(ui.pictures++, pixels);
  ImGui::GetWindowDrawList()->AddImage(texture, at, {at.x + side, at.y + side}, {0, 0}, {1, 1},
                                       tint);
}

ImU32 guess_color(const Reading& reading, int digit, int label) {
  if (digit == label) return colors::kCalm;
  return digit == reading.best() ? colors::kAlarm : colors::kFaint;
}

void text_right(ImFont* font, float right, float y, ImU32 color, const std::string& text) {
  ImGui::PushFont(font);
  const float width = ImGui::CalcTextSize(text.c_str()).x;
  ImGui::GetWindowDrawList()->AddText({right - width, y}, color, text.c_str());
  ImGui::PopFont();
}

// Broken at spaces alone: ImGui's own wrapping breaks numbers after their point.
void wrapped(float width, ImU32 color, const std::string& text) {
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {0, ImGui::GetFontSize() * 0.12F});
  ImGui::PushStyleColor(ImGuiCol_Text, color);
  ImGui::BeginGroup();
  std::string line;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    begin = end + 1;
    const std::string longer = line.empty() ? word : line + " " + word;
    if (!line.empty() && ImGui::CalcTextSize(longer.c_str()).x > width) {
      ImGui::TextUnformatted(line.c_str());
      line = word;
    } else {
      line = longer;
    }
  }
  ImGui::TextUnformatted(line.c_str());
  ImGui::PopStyleColor();
  ImGui::PopStyleVar();
  ImGui::EndGroup();
}

// The name of a slider with its value at the right end, then the slider under both.
void slider_name(const Ui& ui, const char* name, const char* value, float width) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::PushFont(ui.fonts.small);
  ImGui::PushStyleColor(ImGuiCol_Text, colors::kMuted);
  ImGui::TextUnformatted(name);
  ImGui::PopStyleColor();
  ImGui::PopFont();
  text_right(ui.fonts.small, at.x + width, at.y, colors::kText, value);
  ImGui::SetNextItemWidth(width);
}

}  // namespace

void heading(const Ui& ui, const char* text) {
  ImGui::PushFont(ui.fonts.title);
  ImGui::TextUnformatted(text);
  ImGui::PopFont();
}

void muted(const Ui& ui, const std::string& text) {
  ImGui::PushFont(ui.fonts.small);
  wrapped(ui.width, colors::kMuted, text);
  ImGui::PopFont();
}

void colored(const Ui& ui, ImU32 color, const std::string& text) { wrapped(ui.width, color, text); }

bool button(const char* label, float width, bool enabled, bool strong) {
  ImGui::BeginDisabled(!enabled);
  if (strong) {
    ImGui::PushStyleColor(ImGuiCol_Button, colors::kAccent);
    ImGui::PushStyleColor(ImGuiCol_ButtonHovered, colors::kAccentPressed);
    ImGui::PushStyleColor(ImGuiCol_Text, colors::kOnAccent);
  }
  const bool pressed = ImGui::Button(label, {width, 0});
  if (strong) ImGui::PopStyleColor(3);
  ImGui::EndDisabled();
  return pressed && enabled;
}

bool stop_button(float progress, float width) {
  // The same button whatever its figure is.
  return button((texts::attack::stop(100 * progress) + "###stop").c_str(), width);
}

bool segmented(const Ui& ui, const char* id, std::span<const char* const> labels, int& chosen,
               float width) {
  ImGui::PushID(id);
  ImGui::BeginGroup();  // all of it is the item that was last
  const float gap = ui.em(3);
  const auto count = static_cast<float>(labels.size());
  const float each = (width - gap * (count - 1)) / count;
  bool changed = false;
  // On a phone some labels need the whole width.
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {0, ImGui::GetStyle().FramePadding.y});
  for (int i = 0; i < static_cast<int>(labels.size()); ++i) {
    if (i > 0) ImGui::SameLine(0, gap);
    ImGui::PushStyleColor(ImGuiCol_Button, chosen == i ? colors::kChosen : colors::kControl);
    ImGui::PushStyleColor(ImGuiCol_Text, chosen == i ? colors::kText : colors::kMuted);
    if (button(labels[static_cast<std::size_t>(i)], each)) {
      changed = chosen != i;
      chosen = i;
    }
    ImGui::PopStyleColor(2);
  }
  ImGui::PopStyleVar();
  ImGui::EndGroup();
  ImGui::PopID();
  return changed;
}

bool slider(const Ui& ui, const char* name, float& value, float low, float high, const char* format,
            float width, bool logarithmic) {
  char text[32];
  std::snprintf(text, sizeof text, format, static_cast<double>(value));
  slider_name(ui, name, text, width);
  ImGui::PushID(name);
  ImGui::PushStyleColor(ImGuiCol_Text, 0);  // the value stands above
  const bool changed = ImGui::SliderFloat(
      "##value", &value, low, high, format,
      ImGuiSliderFlags_AlwaysClamp | (logarithmic ? ImGuiSliderFlags_Logarithmic : 0));
  ImGui::PopStyleColor();
  ImGui::PopID();
  return changed;
}

void draw_greys(Ui& ui, ImVec2 at, float side, const std::vector<float>& values, bool smooth,
                ImU32 tint) {
  const Bytes levels = to_bytes(values);
  std::vector<ImU32> greys(levels.size());
  std::transform(levels.begin(), levels.end(), greys.begin(),
                 [](std::uint8_t level) { return IM_COL32(level, level, level, 255); });
  const auto rows = static_cast<int>(std::lround(std::sqrt(static_cast<double>(values.size()))));
  draw_pixels(ui, at, side, {rows, greys, smooth}, tint);
}

void draw_change(Ui& ui, ImVec2 at, float side, const Picture& from, const Picture& to,
                 float factor) {
  std::vector<ImU32> changes(from.size());
  std::transform(from.begin(), from.end(), to.begin(), changes.begin(), [factor](float a, float b) {
    const float change = factor * (b - a);
    return mix(colors::kWell, change > 0 ? colors::kSignal : colors::kLowered, std::abs(change));
  });
  draw_pixels(ui, at, side, {kPictureSide, changes});
}

void probability_bars(const Ui& ui, const Reading& reading, int label, ImVec2 at, ImVec2 size) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float row = size.y / kDigits;
  const float left = at.x + ui.em(20), right = at.x + size.x - ui.em(58);
  const float text_height = ui.fonts.small->FontSize * ImGui::GetIO().FontGlobalScale;
  for (int digit = 0; digit < kDigits; ++digit) {
    const float y = at.y + row * static_cast<float>(digit);
    const float text_y = y + (row - text_height) / 2;
    const float bar = std::max(ui.em(4), 0.25F * row);
    const bool leads = digit == reading.best() || digit == label;
    text_right(ui.fonts.small, left - ui.em(8), text_y, leads ? colors::kText : colors::kMuted,
               std::to_string(digit));
    list.AddRectFilled({left, y + row / 2 - bar}, {right, y + row / 2 + bar}, colors::kWell,
                       ui.em(3));
    const float share = reading.probability(digit);
    if (share > 0.002F) {
      list.AddRectFilled({left, y + row / 2 - bar},
                         {left + std::max((right - left) * share, ui.em(3)), y + row / 2 + bar},
                         guess_color(reading, digit, label), ui.em(3));
    }
    text_right(ui.fonts.small, at.x + size.x, text_y, leads ? colors::kText : colors::kMuted,
               percent_text(share));
  }
}

void best_guesses(const Ui& ui, const Reading& reading, int label, int count, ImVec2 line) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  for (int place = 0; place < count; ++place) {
    const int digit = reading.ranking[static_cast<std::size_t>(place)];
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float top = at.y + ui.em(16), bottom = at.y + line.y - ui.em(1);
    list.AddRectFilled({at.x, top}, {at.x + line.x, bottom}, colors::kWell);
    list.AddRectFilled({at.x, top}, {at.x + line.x * reading.probability(digit), bottom},
                       guess_color(reading, digit, label));
    ImGui::PushFont(ui.fonts.small);
    list.AddText({at.x + ui.em(1), at.y}, place == 0 ? colors::kText : colors::kMuted,
                 std::to_string(digit).c_str());
    ImGui::PopFont();
    text_right(ui.fonts.small, at.x + line.x, at.y, place == 0 ? colors::kText : colors::kMuted,
               percent_text(reading.probability(digit)));
    ImGui::Dummy(line);
  }
}

void draw_chart(const Ui& ui, const Chart& chart, ImVec2 at, ImVec2 size) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  ImGui::PushFont(ui.fonts.small);
  const float text_height = ImGui::GetFontSize();
  // A chart that is still empty keeps the place of its legend.
  const bool legend_row =
      chart.lines.empty() || std::any_of(chart.lines.begin(), chart.lines.end(),
                                         [](const ChartLine& line) { return !line.name.empty(); });
  const ImVec2 low{at.x + ui.em(44), at.y + (legend_row ? 1.3F : 0.5F) * text_height};
  const ImVec2 high{at.x + size.x - ui.em(6), at.y + size.y - text_height - ui.em(6)};
  const auto place = [&](float x, float y) {
    return ImVec2(low.x + (high.x - low.x) * std::clamp(x / chart.x_max, 0.0F, 1.0F),
                  high.y - (high.y - low.y) * std::clamp(y / chart.y_max, 0.0F, 1.0F));
  };
  list.AddRectFilled(low, high, colors::kWell, ui.em(4));
  for (int tick = 0; tick <= 2; ++tick) {
    const float y = chart.y_max * static_cast<float>(tick) / 2;
    char text[32];
    std::snprintf(text, sizeof text, chart.percent ? "%.0f %%" : "%.2g",
                  static_cast<double>(chart.percent ? 100 * y : y));
    const ImVec2 p = place(0, y);
    list.AddLine(p, {high.x, p.y}, colors::kPanelEdge);
    list.AddText({p.x - ui.em(6) - ImGui::CalcTextSize(text).x, p.y - text_height / 2},
                 colors::kMuted, text);
  }
  float label_end = low.x;
  for (const auto& [x, text] : chart.x_ticks) {
    const float width = ImGui::CalcTextSize(text.c_str()).x;
    const float left = std::min(place(x, 0).x - width / 2, at.x + size.x - width);
    list.AddText({left, high.y + ui.em(4)}, colors::kMuted, text.c_str());
    label_end = left + width;
  }
  if (!chart.x_label.empty()) {
    const float width = ImGui::CalcTextSize(chart.x_label.c_str()).x;
    const float left = chart.x_ticks.empty() ? (low.x + high.x - width) / 2
                                             : place(chart.x_ticks.front().first, 0).x + ui.em(16);
    if (chart.x_ticks.size() < 2 || left + width < label_end) {
      list.AddText({left, high.y + ui.em(4)}, colors::kFaint, chart.x_label.c_str());
    }
  }
  for (const ChartLine& line : chart.lines) {
    for (std::size_t i = 0; i + 1 < line.low.size(); ++i) {
      const ImVec2 corners[] = {place(line.x[i], line.low[i]), place(line.x[i], line.high[i]),
                                place(line.x[i + 1], line.high[i + 1]),
                                place(line.x[i + 1], line.low[i + 1])};
      list.AddConvexPolyFilled(corners, 4, (line.color & 0x00FFFFFFU) | 0x30000000U);
    }
    std::vector<ImVec2> points;
    for (std::size_t i = 0; i < line.x.size(); ++i) points.push_back(place(line.x[i], line.y[i]));
    if (points.size() == 1) list.AddCircleFilled(points[0], ui.em(3), line.color);
    list.AddPolyline(points.data(), static_cast<int>(points.size()), line.color, 0,
                     ui.em(line.thickness));
  }
  if (chart.marker) {
    const ImVec2 p = place(*chart.marker, 0);
    list.AddLine({p.x, low.y}, {p.x, high.y}, colors::kText, ui.em(1.5F));
  }
  float legend = low.x;
  for (const ChartLine& line : chart.lines) {
    if (line.name.empty()) continue;
    const ImVec2 text_at{legend + ui.em(13), at.y - ui.em(1)};
    const float width = ImGui::CalcTextSize(line.name.c_str()).x;
    list.AddLine({legend, text_at.y + text_height / 2},
                 {legend + ui.em(10), text_at.y + text_height / 2}, line.color, ui.em(3));
    list.AddText(text_at, colors::kMuted, line.name.c_str());
    legend = text_at.x + width + ui.em(9);
  }
  ImGui::PopFont();
}

}  // namespace inoculate::page
