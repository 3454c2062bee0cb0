// The properties of pairselector, mapped to PairStreamSettings.

#pragma once

#include <gst/gst.h>

#include "plugins/pairselector/pair_stream.h"

namespace stillwatch::gst {

// C calls only: fit for a class_init.
void InstallSelectorProperties(GObjectClass* object_class);

// False: no such property.  The caller holds the lock of what it passes.
bool SetSelectorProperty(PairStreamSettings& settings, guint id, const GValue* value);
bool GetSelectorProperty(const PairStreamSettings& settings,
                         const select::PairSelector::Stats& stats, guint id, GValue* value);

}  // namespace stillwatch::gst
