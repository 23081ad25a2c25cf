#include "web/panels/theme.h"

#include "pictures/font.h"
#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

constexpr ImU32 rgb(unsigned value) {
  return IM_COL32(value >> 16 & 0xFFU, value >> 8 & 0xFFU, value & 0xFFU, 255);
}

// tests/page_theme_test.cpp holds what is to be read to WCAG's contrasts: 4.5 to 1, and 7 to 1
// where more is asked for. In the order of Palette's members.
constexpr Palette kDark = {
    rgb(0x0D111B), rgb(0x161C2A), rgb(0x262F44), rgb(0x090C14), rgb(0x28324A), rgb(0x354261),
    rgb(0x3A5492), rgb(0xE8ECF5), rgb(0x9EAAC2), rgb(0x424E6A), rgb(0x6C9CFF), rgb(0x5480E0),
    rgb(0x0A1020), rgb(0x40D4AE), rgb(0xFF7069), rgb(0xFFC454), rgb(0x5C92FF)};
constexpr Palette kLight = {
    rgb(0xE6EAF2), rgb(0xFFFFFF), rgb(0xC3CBDB), rgb(0xEDF0F6), rgb(0xDDE3EF), rgb(0xCBD5E8),
    rgb(0xB3CBFB), rgb(0x161C2A), rgb(0x4A566F), rgb(0x9AA6BE), rgb(0x1F5FD6), rgb(0x174CB0),
    rgb(0xFFFFFF), rgb(0x007456), rgb(0xC0211A), rgb(0x8A5A00), rgb(0x1F5FD6)};
constexpr Palette kDarkContrast = {
    rgb(0x000000), rgb(0x000000), rgb(0xFFFFFF), rgb(0x000000), rgb(0x202020), rgb(0x404040),
    rgb(0x1A3F8F), rgb(0xFFFFFF), rgb(0xDDDDDD), rgb(0x8C8C8C), rgb(0x9CC4FF), rgb(0xC4DCFF),
    rgb(0x000000), rgb(0x6CFFD6), rgb(0xFFA29C), rgb(0xFFDC7A), rgb(0x9CC4FF)};
constexpr Palette kLightContrast = {
    rgb(0xFFFFFF), rgb(0xFFFFFF), rgb(0x000000), rgb(0xFFFFFF), rgb(0xF0F0F0), rgb(0xDCDCDC),
    rgb(0xC4DCFF), rgb(0x000000), rgb(0x222222), rgb(0x767676), rgb(0x00328C), rgb(0x00205C),
    rgb(0xFFFFFF), rgb(0x00543C), rgb(0x8C0000), rgb(0x5C3A00), rgb(0x00328C)};

// The characters drawn for each use, as texts::letters has them for what is ours.
constexpr ImWchar kAnyText[] = {0x20, 0x7E, 0xA0, 0xFF, 0x2013, 0x2013, 0};  // with names of files
constexpr ImWchar kDigitsOnly[] = {'0', '9', '?', '?', 0};
constexpr ImWchar kBrand[] = {'I', 'I', 'a', 'u', '?', '?', 0};

ImFont* add_font(const FontFile& file, float size, const ImWchar* characters) {
  ImFontConfig config;
  config.FontDataOwnedByAtlas = false;
  config.OversampleH = 2;
  config.OversampleV = 1;
  // ImGui takes no const, and does not write.
  return ImGui::GetIO().Fonts->AddFontFromMemoryTTF(const_cast<unsigned char*>(file.data),
                                                    static_cast<int>(file.size), size, &config,
                                                    characters);
}

}  // namespace

// Constant-initialised: the references of namespace colors are sound before main().
constinit Palette palette = kDark;

const Palette& palette_of(const Appearance& appearance) {
  if (appearance.contrast) return appearance.light ? kLightContrast : kDarkContrast;
  return appearance.light ? kLight : kDark;
}

Fonts load_fonts(float scale, float pixel_ratio) {
  ImGuiIO& io = ImGui::GetIO();
  io.Fonts->Clear();
  const float unit = scale * pixel_ratio;
  Fonts fonts;
  fonts.body = add_font(kLatoRegular, 17 * unit, kAnyText);
  fonts.small = add_font(kLatoRegular, 15 * unit, texts::letters);
  fonts.title = add_font(kLatoBold, 20 * unit, texts::letters);
  fonts.brand = add_font(kLatoBold, 27 * unit, kBrand);
  fonts.digit = add_font(kLatoBold, 58 * unit, kDigitsOnly);
  io.FontGlobalScale = 1 / pixel_ratio;
  return fonts;
}

void apply_style(float scale, bool touch, const Appearance& appearance) {
  palette = palette_of(appearance);
  ImGuiStyle style;
  style.WindowPadding = {0, 8 * scale};  // of lists that open: the page sets its own
  style.WindowRounding = 0;
  style.WindowBorderSize = 0;
  style.PopupRounding = 8;
  style.PopupBorderSize = 1;
  style.FrameBorderSize = appearance.contrast ? 1.5F : 0;
  style.FrameRounding = 7;
  style.FramePadding = touch ? ImVec2(11, 11) : ImVec2(10, 5);
  style.ItemSpacing = touch ? ImVec2(9, 11) : ImVec2(8, 8);
  style.ItemInnerSpacing = {7, 5};
  style.GrabMinSize = touch ? 26 : 16;
  style.GrabRounding = 6;
  style.ScrollbarSize = 11;
  style.ScrollbarRounding = 6;
  style.ScaleAllSizes(scale);

  const auto set = [&](ImGuiCol which, ImU32 color) {
    style.Colors[which] = ImGui::ColorConvertU32ToFloat4(color);
  };
  set(ImGuiCol_Text, colors::kText);
  set(ImGuiCol_TextDisabled, colors::kMuted);
  set(ImGuiCol_PopupBg, colors::kPanel);
  set(ImGuiCol_Border, colors::kPanelEdge);
  set(ImGuiCol_FrameBg, colors::kControl);
  set(ImGuiCol_FrameBgHovered, colors::kControlHovered);
  set(ImGuiCol_FrameBgActive, colors::kControlHovered);
  set(ImGuiCol_Button, colors::kControl);
  set(ImGuiCol_ButtonHovered, colors::kControlHovered);
  set(ImGuiCol_ButtonActive, colors::kAccentPressed);
  set(ImGuiCol_Header, colors::kControl);
  set(ImGuiCol_HeaderHovered, colors::kControlHovered);
  set(ImGuiCol_HeaderActive, colors::kAccentPressed);
  set(ImGuiCol_SliderGrab, colors::kAccent);
  set(ImGuiCol_SliderGrabActive, colors::kText);
  set(ImGuiCol_CheckMark, colors::kAccent);
  set(ImGuiCol_ScrollbarBg, colors::kBackground);
  set(ImGuiCol_ScrollbarGrab, colors::kControl);
  set(ImGuiCol_ScrollbarGrabHovered, colors::kControlHovered);
  set(ImGuiCol_ScrollbarGrabActive, colors::kAccent);
  set(ImGuiCol_NavHighlight, colors::kAccent);
  ImGui::GetStyle() = style;
}

}  // namespace inoculate::page
