// A folder of pictures as a data set.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "picture/prepare.h"

namespace inoculate {

struct FolderPicture {
  std::string name;          ///< within the folder: "12.png", "7/12.png"
  std::optional<int> label;  ///< the class whose folder it lies in
};

/// The pictures of `folder`: all files in it, or all in its folders of classes (0, 1, ...), which
/// is how image classification data is commonly laid out. Hidden files and `left_out`, the file of
/// the labels, are none. They come by name, numbers in it by their value ("2.png" before "10.png"),
/// wherever they lie: so the first some of a class-by-class set are of all classes. Throws Error
/// when there are none, and when there are both files and folders, or a folder that is no class.
std::vector<FolderPicture> list_pictures(const std::filesystem::path& folder,
                                         const std::string& left_out);

/// The digit of a picture of a data set. One of 28 x 28 grey pixels is taken as it is, whatever it
/// shows: it is data. Others are prepared as prepare_picture does. Throws Error, naming the file,
/// for what is no picture or shows no digit.
PreparedDigit read_set_picture(const std::filesystem::path& path);

}  // namespace inoculate
