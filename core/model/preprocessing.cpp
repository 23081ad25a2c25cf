#include "model/preprocessing.h"

#include "base/error.h"
#include "base/quote.h"

namespace inoculate {
namespace {

double entry(const std::vector<float>& values, std::size_t c) {
  return static_cast<double>(values.size() == 1 ? values[0] : values[c]);
}

void require_one_a_channel(const std::vector<float>& values, int channels, const char* what) {
  if (values.size() == 1 || values.size() == static_cast<std::size_t>(channels)) return;
  throw Error(std::string("has a ") + what + " of " + std::to_string(values.size()) +
              " numbers, but its network takes images of " + std::to_string(channels) +
              (channels == 1 ? " channel; give one number"
                             : " channels; give one number for each, or one for all"));
}

}  // namespace

Preprocessing preprocessing_named(const std::string& name) {
  if (name == "none") return {};
  if (name == "torch") return {{0, 1}, {0.485F, 0.456F, 0.406F}, {0.229F, 0.224F, 0.225F}, false};
  if (name == "caffe") return {{0, 255}, {103.939F, 116.779F, 123.68F}, {1}, true};
  if (name == "tf") return {{-1, 1}, {0}, {1}, false};
  throw Error("preprocess " + quote(name) + " is unknown; give none, torch, caffe or tf");
}

ChannelMap channel_map(const Preprocessing& preprocessing, int channels) {
  require_one_a_channel(preprocessing.mean, channels, "mean");
  require_one_a_channel(preprocessing.std, channels, "std");
  if (preprocessing.bgr && channels != 3) {
    throw Error("says channels bgr, but its network takes images of " + std::to_string(channels) +
                (channels == 1 ? " channel" : " channels") + "; leave it out");
  }
  const double low = static_cast<double>(preprocessing.input_range.low);
  const double high = static_cast<double>(preprocessing.input_range.high);
  ChannelMap map;
  for (int c = 0; c < channels; ++c) {
    const auto place = static_cast<std::size_t>(c);
    const double std = entry(preprocessing.std, place);
    map.from.push_back(preprocessing.bgr ? channels - 1 - c : c);
    map.scale.push_back(static_cast<float>((high - low) / std));
    map.shift.push_back(static_cast<float>((low - entry(preprocessing.mean, place)) / std));
  }
  return map;
}

Matrix prepared(const ChannelMap& map, ConstMatrixRef images) {
  Matrix out(images.rows(), images.cols());
  const auto channels = static_cast<Eigen::Index>(map.from.size());
  for (Eigen::Index i = 0; i < images.rows(); ++i) {
    const float* in = images.row(i).data();
    float* to = out.row(i).data();
    for (Eigen::Index at = 0; at < images.cols(); at += channels) {
      for (std::size_t c = 0; c < map.from.size(); ++c) {
        *to++ = map.scale[c] * in[at + map.from[c]] + map.shift[c];
      }
    }
  }
  return out;
}

}  // namespace inoculate
