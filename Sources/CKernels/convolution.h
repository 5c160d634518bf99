// What the ways to compute a convolution's three products share.
#ifndef OFMU_CONVOLUTION_H
#define OFMU_CONVOLUTION_H

#include "kernel.h"

/// The sizes of one call.
typedef struct {
    int64_t images, channels, height, width, kernel_h, kernel_w, stride_h, stride_w, padding_h, padding_w, out_h, out_w;
    int64_t filters, groups;
    /// Channels and filters of a group, places of the window in a plane, pixels of a plane, and taps of the kernel.
    int64_t depth, own, area, plane, taps;
} ofmu_convolution;

#define OFMU_CONVOLUTION(n)                                                                                            \
    {                                                                                                                  \
        .images = n.N, .channels = n.C, .height = n.H, .width = n.W, .kernel_h = n.kernel_h, .kernel_w = n.kernel_w,   \
        .stride_h = n.stride_h, .stride_w = n.stride_w, .padding_h = n.padding_h, .padding_w = n.padding_w,            \
        .out_h = n.out_h, .out_w = n.out_w, .filters = n.filters, .groups = n.groups, .depth = n.C / n.groups,         \
        .own = n.filters / n.groups, .area = n.out_h * n.out_w, .plane = n.H * n.W, .taps = n.kernel_h * n.kernel_w    \
    }

/// On the stack: up to a megabyte but for windows of more than 16,000 taps.
#define SCRATCH(name, count) float name[most(1, count)]

/// Products of neighbouring images and one group, straight from the images: for windows of several taps over rows that are not short,
/// and filters of which a copy fits a stack. `a` and `y` are the group's first planes, `w` its first filter.
void ofmu_convolve(const ofmu_convolution *g, const float *a, const float *w, float *y, int64_t images);
void ofmu_convolve_image(const ofmu_convolution *g, float *a, const float *w, const float *y, int64_t images);
/// Adds to the filters the products of neighbouring images, for channels `first..<last` of the group.
void ofmu_convolve_filters(
    const ofmu_convolution *g, const float *a, float *w, const float *y, int64_t images, int64_t first, int64_t last);

#endif
