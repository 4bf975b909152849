/** Bytes of gzip that the survey page may weigh in all; what is left of it is the document's. */
export const surveyBudget = { all: 15 * 1024, script: 5520, style: 3770 }
