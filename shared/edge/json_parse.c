#include "shared/edge/json_parse.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/check.h"
#include "shared/edge/json_scan.h"

/* A mark of our own in a node's type, beyond those of cJSON (the low byte, 256 and 512). */
#define HAS_NUL (1 << 20)

#define FEW_MEMBERS 8 /* up to here comparing all pairs is quicker than sorting */

static void
destroy_tree(void *tree)
{
	cJSON_Delete(tree);
}

static int
compare_names(const void *a, const void *b)
{
	const char *const *left = a;
	const char *const *right = b;

	return strcmp(*left, *right);
}

static const char *
find_duplicate_of_few(const cJSON *object)
{
	for (const cJSON *a = object->child; a != NULL; a = a->next)
		for (const cJSON *b = a->next; b != NULL; b = b->next)
			if (strcmp(a->string, b->string) == 0)
				return a->string;
	return NULL;
}

/* The name that two members of OBJECT share, or NULL. */
static enum err
find_duplicate(struct arena *arena, const cJSON *object, const char **out)
{
	const char **names;
	size_t count = 0;

	for (const cJSON *member = object->child; member != NULL; member = member->next)
		count++;
	*out = NULL;
	if (count <= FEW_MEMBERS) {
		*out = find_duplicate_of_few(object);
		return ERR_OK;
	}
	names = arena_array(arena, count, sizeof(*names));
	TRY_ALLOC(names);
	count = 0;
	for (const cJSON *member = object->child; member != NULL; member = member->next)
		names[count++] = member->string;
	qsort(names, count, sizeof(*names), compare_names);
	for (size_t i = 1; i < count && *out == NULL; i++)
		if (strcmp(names[i - 1], names[i]) == 0)
			*out = names[i];
	return ERR_OK;
}

struct walk {
	struct arena *arena;
	const struct json_scan *scan;
	size_t strings; /* seen so far, in the order of the text */
	size_t nuls;
	const char *duplicate;
};

static void
mark_nul(struct walk *walk, cJSON *text)
{
	const struct json_scan *scan = walk->scan;

	if (walk->nuls < scan->nul_count && scan->nul_strings[walk->nuls] == walk->strings) {
		text->type |= HAS_NUL;
		walk->nuls++;
	}
	walk->strings++;
}

/* Recursion ends at JSON_DEPTH_MAX, which the scan has seen to. */
static enum err
walk_tree(struct walk *walk, cJSON *node)
{
	if (cJSON_IsString(node))
		mark_nul(walk, node);
	if (cJSON_IsObject(node)) {
		TRY(find_duplicate(walk->arena, node, &walk->duplicate));
		if (walk->duplicate != NULL)
			return ERR_OK;
	}
	for (cJSON *child = node->child; child != NULL && walk->duplicate == NULL;
	     child = child->next)
		TRY(walk_tree(walk, child));
	return ERR_OK;
}

static enum err
refuse(struct fault *fault, const char *why, size_t offset)
{
	if (fault == NULL)
		return ERR_MALFORMED;
	return fault_set(fault, ERR_MALFORMED,
	    "This is no JSON that can be taken: %s, at byte %zu.", why, offset);
}

enum err
json_parse_limited(struct arena *arena, struct span text, size_t values_max, struct fault *fault,
    const struct cJSON **out)
{
	struct json_scan scan;
	struct walk walk = {.arena = arena, .scan = &scan};
	cJSON *tree;

	if (json_scan(text, values_max, &scan) != ERR_OK)
		return refuse(fault, scan.why, scan.offset);
	tree = cJSON_ParseWithLength(text.data, text.len);
	TRY_ALLOC(tree); /* what was scanned is JSON, so only memory can have been short */
	TRY(arena_defer(arena, destroy_tree, tree));
	TRY(walk_tree(&walk, tree));
	if (walk.duplicate != NULL) {
		if (fault == NULL)
			return ERR_MALFORMED;
		return fault_set(fault, ERR_MALFORMED, "An object has the member \"%.64s\" twice.",
		    walk.duplicate);
	}
	*out = tree;
	return ERR_OK;
}

enum err
json_parse(struct arena *arena, struct span text, struct fault *fault, const struct cJSON **out)
{
	return json_parse_limited(arena, text, SIZE_MAX, fault, out);
}

bool
json_value_has_nul(const struct cJSON *value)
{
	return (value->type & HAS_NUL) != 0;
}

const char *
json_value_text(const struct cJSON *value)
{
	if (!cJSON_IsString(value) || json_value_has_nul(value))
		return NULL;
	return value->valuestring;
}

enum json_number
json_number_int(const struct cJSON *number, int64_t *out)
{
	double value = number->valuedouble;

	check(cJSON_IsNumber(number));
	if (!(fabs(value) <= (double)JSON_INT_MAX))
		return JSON_NUMBER_TOO_BIG;
	if (trunc(value) != value)
		return JSON_NUMBER_FRACTION;
	*out = (int64_t)value;
	return JSON_NUMBER_OK;
}

const char *
json_get_text(const struct cJSON *object, const char *name)
{
	return json_value_text(cJSON_GetObjectItemCaseSensitive(object, name));
}

bool
json_get_int(const struct cJSON *object, const char *name, int64_t *out)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsNumber(value) && json_number_int(value, out) == JSON_NUMBER_OK;
}

bool
json_get_bool(const struct cJSON *object, const char *name, bool *out)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);

	if (!cJSON_IsBool(value))
		return false;
	*out = cJSON_IsTrue(value);
	return true;
}

const struct cJSON *
json_get_object(const struct cJSON *object, const char *name)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsObject(value) ? value : NULL;
}

const struct cJSON *
json_get(const struct cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

enum err
json_get_id(const struct cJSON *object, const char *name, struct id *out)
{
	const char *text = json_get_text(object, name);

	return text == NULL ? ERR_MALFORMED : id_parse(text, out);
}

enum err
json_get_money(const struct cJSON *object, const char *name, struct money *out)
{
	const struct cJSON *value = json_get_object(object, name);
	const char *currency = json_get_text(value, "currency");
	struct money money;

	if (currency == NULL || strlen(currency) != sizeof(money.currency) - 1 ||
	    !json_get_int(value, "amount", &money.amount_minor) || money.amount_minor < 0 ||
	    money.amount_minor > MONEY_AMOUNT_MAX)
		return ERR_MALFORMED;
	memcpy(money.currency, currency, sizeof(money.currency));
	*out = money;
	return ERR_OK;
}

const struct cJSON *
json_get_array(const struct cJSON *object, const char *name)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsArray(value) ? value : NULL;
}

size_t
json_array_size(const struct cJSON *array)
{
	return (size_t)cJSON_GetArraySize(array);
}

const struct cJSON *
json_array_at(const struct cJSON *array, size_t at)
{
	return at <= INT32_MAX ? cJSON_GetArrayItem(array, (int)at) : NULL;
}

const struct cJSON *
json_first(const struct cJSON *array)
{
	return array != NULL ? array->child : NULL;
}

const struct cJSON *
json_next(const struct cJSON *element)
{
	return element->next;
}
