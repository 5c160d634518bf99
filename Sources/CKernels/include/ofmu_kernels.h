#ifndef OFMU_KERNELS_H
#define OFMU_KERNELS_H
#endif
