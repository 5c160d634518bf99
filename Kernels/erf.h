// The polynomials of erf and its complement, for C and for OpenCL: the coefficients are those that scripts/fit_erf.py prints.

// erfc x = e^(-x^2) * t * p with t = 1/(1 + x/2), for x in 0...10.
#define ERFC_POLYNOMIAL(p, t)                                                                                          \
    float p = -5.906942487e-02f;                                                                                       \
    p = p * t + 2.845770121e-01f;                                                                                      \
    p = p * t - 4.872036576e-01f;                                                                                      \
    p = p * t + 2.780708969e-01f;                                                                                      \
    p = p * t - 2.662787214e-02f;                                                                                      \
    p = p * t + 2.026876509e-01f;                                                                                      \
    p = p * t + 2.431035936e-01f;                                                                                      \
    p = p * t + 2.823753357e-01f;                                                                                      \
    p = p * t + 2.820864022e-01f;

// erf x = x + x * p with s = x^2, for x in 0...1.
#define ERF_POLYNOMIAL(p, s)                                                                                           \
    float p = 7.853852730e-05f;                                                                                        \
    p = p * s - 8.010190795e-04f;                                                                                      \
    p = p * s + 5.188327283e-03f;                                                                                      \
    p = p * s - 2.685381100e-02f;                                                                                      \
    p = p * s + 1.128358543e-01f;                                                                                      \
    p = p * s - 3.761262596e-01f;                                                                                      \
    p = p * s + 1.283791661e-01f;
