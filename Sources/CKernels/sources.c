// The texts of Kernels/*.cl, embedded when this file is compiled. The prelude and the headers precede every other.
#include "ofmu_kernels.h"

#include <stddef.h>

#ifndef __has_embed
#error "The OpenCL kernels are embedded with #embed. Build with Swift 6.3 or newer (clang 19 or newer)."
#endif

// #embed is C23; clang takes it in C17 and says so.
#pragma clang diagnostic ignored "-Wc23-extensions"

// clang-format off
#define SOURCE(name) static const char name[] = {

SOURCE(prelude)
#embed "../../Kernels/prelude.cl" suffix(, 0)
};
SOURCE(arguments)
#embed "../../Kernels/arguments.h" suffix(, 0)
};
SOURCE(erf_polynomials)
#embed "../../Kernels/erf.h" suffix(, 0)
};
SOURCE(elementwise)
#embed "../../Kernels/elementwise.cl" suffix(, 0)
};
SOURCE(reduction)
#embed "../../Kernels/reduction.cl" suffix(, 0)
};
SOURCE(softmax)
#embed "../../Kernels/softmax.cl" suffix(, 0)
};
SOURCE(crossentropy)
#embed "../../Kernels/crossentropy.cl" suffix(, 0)
};
SOURCE(normalisation)
#embed "../../Kernels/normalisation.cl" suffix(, 0)
};
SOURCE(rope)
#embed "../../Kernels/rope.cl" suffix(, 0)
};
SOURCE(indexing)
#embed "../../Kernels/indexing.cl" suffix(, 0)
};
SOURCE(convolution)
#embed "../../Kernels/convolution.cl" suffix(, 0)
};
SOURCE(pooling)
#embed "../../Kernels/pooling.cl" suffix(, 0)
};
SOURCE(similarity)
#embed "../../Kernels/similarity.cl" suffix(, 0)
};
SOURCE(optimiser)
#embed "../../Kernels/optimiser.cl" suffix(, 0)
};
SOURCE(matmul)
#embed "../../Kernels/matmul.cl" suffix(, 0)
};
SOURCE(matmul_cpu)
#embed "../../Kernels/matmul_cpu.cl" suffix(, 0)
};
// clang-format on

static const struct {
    const char *name, *text;
} sources[] = {
    {"prelude", prelude},
    {"arguments", arguments},
    {"erf", erf_polynomials},
    {"elementwise", elementwise},
    {"reduction", reduction},
    {"softmax", softmax},
    {"crossentropy", crossentropy},
    {"normalisation", normalisation},
    {"rope", rope},
    {"indexing", indexing},
    {"convolution", convolution},
    {"pooling", pooling},
    {"similarity", similarity},
    {"optimiser", optimiser},
    {"matmul", matmul},
    {"matmul_cpu", matmul_cpu},
};

enum { SOURCE_COUNT = sizeof sources / sizeof sources[0] };

int64_t ofmu_source_count(void) { return SOURCE_COUNT; }

const char *ofmu_source_name(int64_t index) { return index >= 0 && index < SOURCE_COUNT ? sources[index].name : NULL; }

const char *ofmu_source_text(int64_t index) { return index >= 0 && index < SOURCE_COUNT ? sources[index].text : NULL; }
