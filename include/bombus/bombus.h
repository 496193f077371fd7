/* bombus/bombus.h: all of Bombus. */
#ifndef BOMBUS_BOMBUS_H
#define BOMBUS_BOMBUS_H

#include <bombus/adapter.h>
#include <bombus/answer.h>
#include <bombus/bench.h>
#include <bombus/error.h>
#include <bombus/file.h>
#include <bombus/generate.h>
#include <bombus/model.h>
#include <bombus/safetensors.h>
#include <bombus/serving.h>
#include <bombus/template.h>
#include <bombus/tensor.h>
#include <bombus/tokenizer.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "0.1.0" */
BOMBUS_API const char *bombus_version(void);

#ifdef __cplusplus
}
#endif
#endif
