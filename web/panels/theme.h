// How the page looks: its colours, letters and measures.
#pragma once

#include <imgui.h>

#include <cstddef>
#include <iterator>

namespace inoculate::page {

/// The colours mean something: calm for a clean reading, alarm for a fooled one, signal for the
/// perturbation and the attacker, accent for what can be pressed.
struct Palette {
  ImU32 background, panel, panel_edge;
  ImU32 well;  ///< what is drawn or plotted lies in it
  ImU32 control, control_hovered, chosen;
  ImU32 text, muted, faint;
  ImU32 accent, accent_pressed, on_accent;
  ImU32 calm, alarm, signal;
  ImU32 lowered;  ///< pixels made darker
};

/// How the visitor's system wants pages to look.
struct Appearance {
  bool light = false;
  bool contrast = false;  ///< more of it: edges are drawn around controls
  float text = 1;         ///< the size of letters, 1..kLargestText
  bool operator==(const Appearance&) const = default;
};
inline constexpr float kLargestText = 2;

const Palette& palette_of(const Appearance& appearance);

/// The palette in use: apply_style() sets it.
extern Palette palette;

// Its colours, for whoever draws.
namespace colors {
inline const ImU32& kBackground = palette.background;
inline const ImU32& kPanel = palette.panel;
inline const ImU32& kPanelEdge = palette.panel_edge;
inline const ImU32& kWell = palette.well;
inline const ImU32& kControl = palette.control;
inline const ImU32& kControlHovered = palette.control_hovered;
inline const ImU32& kChosen = palette.chosen;
inline const ImU32& kText = palette.text;
inline const ImU32& kMuted = palette.muted;
inline const ImU32& kFaint = palette.faint;
inline const ImU32& kAccent = palette.accent;
inline const ImU32& kAccentPressed = palette.accent_pressed;
inline const ImU32& kOnAccent = palette.on_accent;
inline const ImU32& kCalm = palette.calm;
inline const ImU32& kAlarm = palette.alarm;
inline const ImU32& kSignal = palette.signal;
inline const ImU32& kLowered = palette.lowered;
/// On the pad, which is black in every theme, as MNIST's pictures are.
inline constexpr ImU32 kOnPad = IM_COL32(158, 170, 194, 255);
/// Networks beside one another, in the order of their list.
inline const ImU32* const kNetworks[] = {&palette.alarm, &palette.signal, &palette.calm,
                                         &palette.lowered};
inline ImU32 network(std::size_t number) { return *kNetworks[number % std::size(kNetworks)]; }
}  // namespace colors

struct Fonts {
  ImFont* body = nullptr;
  ImFont* small = nullptr;
  ImFont* title = nullptr;  // bold
  ImFont* brand = nullptr;  // bold, larger
  ImFont* digit = nullptr;  // the digit that is read
};

/// Sets ImGui's style and the palette for a page whose measures are `scale` times the base, with
/// finger-sized controls if `touch`.
void apply_style(float scale, bool touch, const Appearance& appearance = {});

/// Loads the fonts so that they are crisp: for measures of `scale` on a screen with `pixel_ratio`
/// physical pixels to one of the page. Whoever draws must upload the font texture anew.
Fonts load_fonts(float scale, float pixel_ratio);

}  // namespace inoculate::page
