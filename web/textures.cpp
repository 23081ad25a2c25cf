#include "web/textures.h"

#include <algorithm>
#include <cstdint>

namespace inoculate::page {

// WebGL shows textures of any size, but only with clamped edges and without smaller copies.
void Textures::fill(Texture& texture, const Pixels& pixels) {
  if (texture.name == 0) glGenTextures(1, &texture.name);
  texture.smooth = pixels.smooth;
  texture.colors.assign(pixels.colors.begin(), pixels.colors.end());
  const GLint filter = pixels.smooth ? GL_LINEAR : GL_NEAREST;
  glBindTexture(GL_TEXTURE_2D, texture.name);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, filter);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, filter);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
  glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, pixels.side, pixels.side, 0, GL_RGBA, GL_UNSIGNED_BYTE,
               texture.colors.data());
}

ImTextureID Textures::of(int number, const Pixels& pixels) {
  const auto index = static_cast<std::size_t>(number);
  if (index >= textures_.size()) textures_.resize(index + 1);
  Texture& texture = textures_[index];
  if (texture.smooth != pixels.smooth || !std::equal(texture.colors.begin(), texture.colors.end(),
                                                     pixels.colors.begin(), pixels.colors.end())) {
    fill(texture, pixels);
  }
  return reinterpret_cast<ImTextureID>(static_cast<std::intptr_t>(texture.name));
}

}  // namespace inoculate::page
