// What the page's palettes promise to eyes: WCAG 2.2's contrasts, reckoned as it says.
#include <cmath>

#include "catch.h"
#include "web/panels/theme.h"

using namespace inoculate::page;

namespace {

// Relative luminance of a colour without transparency.
double luminance(ImU32 color) {
  const auto linear = [](ImU32 channel) {
    const double c = channel / 255.0;
    return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(color & 0xFFU) + 0.7152 * linear(color >> 8 & 0xFFU) +
         0.0722 * linear(color >> 16 & 0xFFU);
}

double contrast(ImU32 a, ImU32 b) {
  const double one = luminance(a), other = luminance(b);
  return (std::max(one, other) + 0.05) / (std::min(one, other) + 0.05);
}

}  // namespace

TEST_CASE("contrasts are reckoned as WCAG does") {
  CHECK(contrast(IM_COL32(0, 0, 0, 255), IM_COL32(255, 255, 255, 255)) == Approx(21));
  // The example of its Technique G18's tools: #767676 on white.
  CHECK(contrast(IM_COL32(0x76, 0x76, 0x76, 255), IM_COL32(255, 255, 255, 255)) ==
        Approx(4.54).margin(0.005));
}

TEST_CASE("whatever is to be read stands out from what it stands on, in every theme") {
  for (const bool light : {false, true}) {
    for (const bool more : {false, true}) {
      const Palette& p = palette_of({light, more, 1});
      const double least = more ? 7 : 4.5;
      for (const ImU32 ground : {p.background, p.panel, p.well}) {
        for (const ImU32 ink : {p.text, p.muted, p.calm, p.alarm, p.signal}) {
          INFO(light << more << std::hex << ground << " under " << ink);
          CHECK(contrast(ink, ground) >= least);
        }
        CHECK(contrast(p.accent, ground) >= 3);  // a part of a control
      }
      for (const ImU32 control : {p.control, p.control_hovered, p.chosen}) {
        INFO(light << more << std::hex << control);
        CHECK(contrast(p.text, control) >= least);
      }
      CHECK(contrast(p.muted, p.control) >= least);
      CHECK(contrast(p.on_accent, p.accent) >= least);
      CHECK(contrast(p.on_accent, p.accent_pressed) >= least);
      if (more) CHECK(contrast(p.panel_edge, p.panel) >= 7);
      CHECK(contrast(colors::kOnPad, IM_COL32(0, 0, 0, 255)) >= 7);
    }
  }
}

TEST_CASE("the palette in use is the one that was applied") {
  ImGui::CreateContext();
  const ImU32& text = colors::kText;
  apply_style(1, false, {true, false, 1});
  CHECK(text == palette_of({true, false, 1}).text);
  CHECK(ImGui::GetStyle().FrameBorderSize == 0);
  apply_style(1, false, {true, true, 1});
  CHECK(ImGui::GetStyle().FrameBorderSize > 0);
  apply_style(1, false);
  CHECK(text == palette_of({}).text);
  ImGui::DestroyContext();
}
