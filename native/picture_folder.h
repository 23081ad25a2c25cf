// A folder of pictures as a data set.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model/classifier.h"

namespace inoculate {

struct FolderPicture {
  std::string name;    ///< within the folder: "12.png", "cat/12.png"
  std::string folder;  ///< the one it lies in: "cat"; empty if that is the set's own
};

/// The pictures of `folder`: all files in it, or all in its folders, one a class, which is how
/// image classification data is commonly laid out. Hidden files and `left_out`, the file of the
/// labels, are none. They come by name, numbers in it by their value ("2.png" before "10.png"),
/// wherever they lie: so the first some of a class-by-class set are of all classes. Throws Error
/// when there are none, and when there are both files and folders.
std::vector<FolderPicture> list_pictures(const std::filesystem::path& folder,
                                         const std::string& left_out);

/// The label of each picture of the set at `path` by the folder it lies in. Folders are called as
/// classes of the model are (capitals and _ for blanks do not matter), or are their numbers; or
/// there are as many as the model has classes, which they are in the order of their names, and a
/// note says so. Throws Error when they are none of these.
Labels folder_labels(const std::vector<FolderPicture>& pictures, const ModelSpec& model,
                     const std::string& path);

}  // namespace inoculate
