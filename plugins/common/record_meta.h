// RecordMeta: carries a plain record of ours on a GstBuffer.

#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <gst/gst.h>

#include "pipeline/core/c_boundary.h"

namespace stillwatch::gst {

// A GstMeta that shares one immutable `Record`.  A record names its meta:
//
//   struct PairRecord {
//     static constexpr const char* kMeta = "SwPairMeta";
//     static constexpr const char* kMetaApi = "SwPairMetaAPI";
//
// The meta has no tags: it follows its buffer through copies, conversion and scaling (regions are
// fractions of the picture).  Both of our modules, each with a copy of this code, may be loaded in
// one process; whoever comes second finds the types of the first.  They are built together, so a
// record has one layout.
//
// Thread-safe as far as GstBuffer is: adding needs a writable buffer.
template <typename Record>
class RecordMeta {
 public:
  using Ptr = std::shared_ptr<const Record>;

  // REQUIRES: buffer is writable.
  static void Add(GstBuffer* buffer, Ptr record) {
    auto* added = reinterpret_cast<Layout*>(gst_buffer_add_meta(buffer, Info(), nullptr));
    *added->record = std::move(record);
  }

  // In the order in which they were added.
  static std::vector<Ptr> Of(GstBuffer* buffer) {
    std::vector<Ptr> records;
    gpointer state = nullptr;
    while (const GstMeta* found = gst_buffer_iterate_meta_filtered(buffer, &state, Api())) {
      records.push_back(*reinterpret_cast<const Layout*>(found)->record);
    }
    return records;
  }

  static GType Api() {
    static const GType api = [] {
      static const gchar* tags[] = {nullptr};
      const GType known = g_type_from_name(Record::kMetaApi);
      return known != 0 ? known : gst_meta_api_type_register(Record::kMetaApi, tags);
    }();
    return api;
  }

 private:
  struct Layout {
    GstMeta meta;  // First: GStreamer sees only this.
    Ptr* record;   // Owned.  GStreamer allocates and frees the meta itself, and knows no C++.
  };

  static const GstMetaInfo* Info() {
    static const GstMetaInfo* info = [] {
      const GstMetaInfo* known = gst_meta_get_info(Record::kMeta);
      if (known != nullptr) return known;
      return gst_meta_register(Api(), Record::kMeta, sizeof(Layout), CCallback<Init>,
                               CCallback<Free>, CCallback<Transform>);
    }();
    return info;
  }

  static gboolean Init(GstMeta* meta, gpointer /*params*/, GstBuffer* /*buffer*/) noexcept {
    reinterpret_cast<Layout*>(meta)->record = new Ptr;
    return TRUE;
  }

  static void Free(GstMeta* meta, GstBuffer* /*buffer*/) noexcept {
    delete reinterpret_cast<Layout*>(meta)->record;
  }

  static gboolean Transform(GstBuffer* to, GstMeta* meta, GstBuffer* /*from*/, GQuark /*type*/,
                            gpointer /*data*/) noexcept {
    Add(to, *reinterpret_cast<Layout*>(meta)->record);
    return TRUE;
  }
};

}  // namespace stillwatch::gst
