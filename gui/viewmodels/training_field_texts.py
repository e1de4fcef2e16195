"""What the settings of training are called and what each of them does, in one plain sentence."""

from __future__ import annotations

from collections.abc import Mapping


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:  # noqa: N802
    """Mark a text for translation; the tool that collects texts goes by this name."""
    return text


GROUPS = (
    QT_TRANSLATE_NOOP("TrainingForm", "Basics"),
    QT_TRANSLATE_NOOP("TrainingForm", "Decoder"),
    QT_TRANSLATE_NOOP("TrainingForm", "Optimisation"),
    QT_TRANSLATE_NOOP("TrainingForm", "Regularisation"),
    QT_TRANSLATE_NOOP("TrainingForm", "Second stage"),
    QT_TRANSLATE_NOOP("TrainingForm", "Decoding"),
)

LABELS: Mapping[str, str] = {
    "epochs": QT_TRANSLATE_NOOP("TrainingForm", "Epochs"),
    "batch_size": QT_TRANSLATE_NOOP("TrainingForm", "Captions per step"),
    "learning_rate": QT_TRANSLATE_NOOP("TrainingForm", "Learning rate"),
    "patience": QT_TRANSLATE_NOOP("TrainingForm", "Patience"),
    "choose_by": QT_TRANSLATE_NOOP("TrainingForm", "Choose the best by"),
    "dev_share": QT_TRANSLATE_NOOP("TrainingForm", "Held out"),
    "evaluate_from_epoch": QT_TRANSLATE_NOOP("TrainingForm", "First epoch to score"),
    "level": QT_TRANSLATE_NOOP("TrainingForm", "Writes by"),
    "min_word_count": QT_TRANSLATE_NOOP("TrainingForm", "Rarest word"),
    "max_caption_length": QT_TRANSLATE_NOOP("TrainingForm", "Longest caption"),
    "use_views": QT_TRANSLATE_NOOP("TrainingForm", "Extra views"),
    "views_from_epoch": QT_TRANSLATE_NOOP("TrainingForm", "Extra views from epoch"),
    "device": QT_TRANSLATE_NOOP("TrainingForm", "Device"),
    "precision": QT_TRANSLATE_NOOP("TrainingForm", "Precision"),
    "seed": QT_TRANSLATE_NOOP("TrainingForm", "Seed"),
    "optimiser": QT_TRANSLATE_NOOP("TrainingForm", "Optimiser"),
    "betas.0": QT_TRANSLATE_NOOP("TrainingForm", "First beta"),
    "betas.1": QT_TRANSLATE_NOOP("TrainingForm", "Second beta"),
    "momentum": QT_TRANSLATE_NOOP("TrainingForm", "Momentum"),
    "schedule": QT_TRANSLATE_NOOP("TrainingForm", "Schedule"),
    "warmup_fraction": QT_TRANSLATE_NOOP("TrainingForm", "Warm-up"),
    "decay_factor": QT_TRANSLATE_NOOP("TrainingForm", "Decay factor"),
    "decay_epochs": QT_TRANSLATE_NOOP("TrainingForm", "Decay epochs"),
    "clip_norm": QT_TRANSLATE_NOOP("TrainingForm", "Clip by norm"),
    "clip_value": QT_TRANSLATE_NOOP("TrainingForm", "Clip by value"),
    "bptt_steps": QT_TRANSLATE_NOOP("TrainingForm", "Truncate after"),
    "weight_decay": QT_TRANSLATE_NOOP("TrainingForm", "Weight decay"),
    "average_decay": QT_TRANSLATE_NOOP("TrainingForm", "Weight averaging"),
    "label_smoothing": QT_TRANSLATE_NOOP("TrainingForm", "Label smoothing"),
    "doubly_stochastic_weight": QT_TRANSLATE_NOOP("TrainingForm", "Look everywhere"),
    "scheduled_sampling": QT_TRANSLATE_NOOP("TrainingForm", "Scheduled sampling"),
    "decoder.encoder_dim": QT_TRANSLATE_NOOP("TrainingForm", "Feature width"),
    "decoder.project_dim": QT_TRANSLATE_NOOP("TrainingForm", "Projection width"),
    "decoder.embed_dim": QT_TRANSLATE_NOOP("TrainingForm", "Embedding width"),
    "decoder.decoder_dim": QT_TRANSLATE_NOOP("TrainingForm", "State width"),
    "decoder.attention_dim": QT_TRANSLATE_NOOP("TrainingForm", "Attention width"),
    "decoder.cell": QT_TRANSLATE_NOOP("TrainingForm", "Cell"),
    "decoder.layers": QT_TRANSLATE_NOOP("TrainingForm", "Layers"),
    "decoder.attention": QT_TRANSLATE_NOOP("TrainingForm", "Attention"),
    "decoder.attend_to_words": QT_TRANSLATE_NOOP("TrainingForm", "Attend to words"),
    "decoder.gate": QT_TRANSLATE_NOOP("TrainingForm", "Gate"),
    "decoder.deep_output": QT_TRANSLATE_NOOP("TrainingForm", "Deep output"),
    "decoder.tied_embeddings": QT_TRANSLATE_NOOP("TrainingForm", "Tied embeddings"),
    "decoder.dropout": QT_TRANSLATE_NOOP("TrainingForm", "Dropout"),
    "hard_attention.reward_weight": QT_TRANSLATE_NOOP("TrainingForm", "Hard attention: reward"),
    "hard_attention.entropy_weight": QT_TRANSLATE_NOOP("TrainingForm", "Hard attention: entropy"),
    "hard_attention.baseline_decay": QT_TRANSLATE_NOOP("TrainingForm", "Hard attention: baseline"),
    "self_critical.epochs": QT_TRANSLATE_NOOP("TrainingForm", "Epochs of the second stage"),
    "self_critical.samples": QT_TRANSLATE_NOOP("TrainingForm", "Captions drawn"),
    "self_critical.baseline": QT_TRANSLATE_NOOP("TrainingForm", "Compared with"),
    "self_critical.bleu_weight": QT_TRANSLATE_NOOP("TrainingForm", "Weight of BLEU"),
    "self_critical.recall_weight": QT_TRANSLATE_NOOP("TrainingForm", "Weight of recall"),
    "self_critical.images_per_batch": QT_TRANSLATE_NOOP("TrainingForm", "Images per step"),
    "self_critical.learning_rate": QT_TRANSLATE_NOOP("TrainingForm", "Its learning rate"),
    "self_critical.start_share": QT_TRANSLATE_NOOP("TrainingForm", "Share of the first stage"),
    "decoding.method": QT_TRANSLATE_NOOP("TrainingForm", "Method"),
    "decoding.beam_size": QT_TRANSLATE_NOOP("TrainingForm", "Beams"),
    "decoding.length_penalty": QT_TRANSLATE_NOOP("TrainingForm", "Length penalty"),
    "decoding.min_length": QT_TRANSLATE_NOOP("TrainingForm", "Fewest words"),
    "decoding.max_length": QT_TRANSLATE_NOOP("TrainingForm", "Most words"),
    "decoding.temperature": QT_TRANSLATE_NOOP("TrainingForm", "Temperature"),
    "decoding.top_k": QT_TRANSLATE_NOOP("TrainingForm", "Top k"),
    "decoding.top_p": QT_TRANSLATE_NOOP("TrainingForm", "Top p"),
    "decoding.seed": QT_TRANSLATE_NOOP("TrainingForm", "Seed of drawn words"),
    "decoding.no_repeat_ngram_size": QT_TRANSLATE_NOOP("TrainingForm", "No repeated words"),
    "decoding.word_alternatives": QT_TRANSLATE_NOOP("TrainingForm", "Alternatives"),
}

SENTENCES: Mapping[str, str] = {
    "epochs": QT_TRANSLATE_NOOP("TrainingForm", "How many times the model goes through all captions."),
    "batch_size": QT_TRANSLATE_NOOP(
        "TrainingForm", "Captions that are learned from at once; more of them need more memory and take calmer steps."
    ),
    "learning_rate": QT_TRANSLATE_NOOP(
        "TrainingForm",
        "How far the weights move in a step at most; too large and the loss climbs, too small and it hardly falls.",
    ),
    "patience": QT_TRANSLATE_NOOP(
        "TrainingForm", "Training stops early after so many epochs without a better score; 0 never stops early."
    ),
    "choose_by": QT_TRANSLATE_NOOP(
        "TrainingForm", "The score on dev images that decides which epoch becomes the model."
    ),
    "dev_share": QT_TRANSLATE_NOOP(
        "TrainingForm",
        "Share of the images that choose the best epoch and are not learned from, where the data does not say which; "
        "0 holds out none.",
    ),
    "evaluate_from_epoch": QT_TRANSLATE_NOOP(
        "TrainingForm",
        "All dev photographs are captioned and scored from this epoch on; before it, only a few samples are captioned.",
    ),
    "level": QT_TRANSLATE_NOOP("TrainingForm", "Whether the model writes word by word, or spells letter by letter."),
    "min_word_count": QT_TRANSLATE_NOOP(
        "TrainingForm", "Words that the captions use less often than this are not learned."
    ),
    "max_caption_length": QT_TRANSLATE_NOOP("TrainingForm", "Captions are cut after so many words before training."),
    "use_views": QT_TRANSLATE_NOOP(
        "TrainingForm", "Learn from mirrored and cropped photographs as well, where the features have them."
    ),
    "views_from_epoch": QT_TRANSLATE_NOOP(
        "TrainingForm", "The first epoch that does so, counted through both stages; before it only plain photographs."
    ),
    "device": QT_TRANSLATE_NOOP("TrainingForm", "What computes: the processor, or a graphics card."),
    "precision": QT_TRANSLATE_NOOP(
        "TrainingForm", "How finely numbers are kept; bfloat16 is faster where the device has it, and good enough."
    ),
    "seed": QT_TRANSLATE_NOOP(
        "TrainingForm", "Where chance begins: the same seed on the same machine gives the same model."
    ),
    "optimiser": QT_TRANSLATE_NOOP(
        "TrainingForm", "The rule that turns gradients into steps; AdamW needs the least care."
    ),
    "betas.0": QT_TRANSLATE_NOOP("TrainingForm", "How long Adam remembers the direction of earlier steps."),
    "betas.1": QT_TRANSLATE_NOOP("TrainingForm", "How long Adam remembers the size of earlier gradients."),
    "momentum": QT_TRANSLATE_NOOP("TrainingForm", "How much of the step before SGD keeps going."),
    "schedule": QT_TRANSLATE_NOOP(
        "TrainingForm",
        "How the learning rate falls after its rise: smoothly, in stairs, when scores stand still, or never.",
    ),
    "warmup_fraction": QT_TRANSLATE_NOOP(
        "TrainingForm", "Share of all steps in which the learning rate rises from almost nothing."
    ),
    "decay_factor": QT_TRANSLATE_NOOP("TrainingForm", "What the learning rate is multiplied by at each stair."),
    "decay_epochs": QT_TRANSLATE_NOOP(
        "TrainingForm", "Epochs from one stair to the next, or without a better score before one."
    ),
    "clip_norm": QT_TRANSLATE_NOOP(
        "TrainingForm", "Gradients longer than this are shortened, so that no step is wild; 0 leaves them."
    ),
    "clip_value": QT_TRANSLATE_NOOP(
        "TrainingForm",
        "Each number of the gradients is cut at this size; 0 leaves them, and only one way of clipping can be used.",
    ),
    "bptt_steps": QT_TRANSLATE_NOOP(
        "TrainingForm", "Errors are traced back through so many words at most; 0 traces them through whole captions."
    ),
    "weight_decay": QT_TRANSLATE_NOOP("TrainingForm", "Pulls weights towards zero a little at every step."),
    "average_decay": QT_TRANSLATE_NOOP(
        "TrainingForm", "The model keeps a running average of its weights; nearer to 1 averages longer, 0 not at all."
    ),
    "label_smoothing": QT_TRANSLATE_NOOP(
        "TrainingForm", "Keeps the model from being too sure: this share of belief goes to all other words."
    ),
    "doubly_stochastic_weight": QT_TRANSLATE_NOOP(
        "TrainingForm", "How strongly attention is asked to look at every part of the photograph once."
    ),
    "scheduled_sampling": QT_TRANSLATE_NOOP(
        "TrainingForm", "Share of words in the last epoch that the model reads from itself and not from people."
    ),
    "decoder.encoder_dim": QT_TRANSLATE_NOOP("TrainingForm", "Numbers per place; taken from the features."),
    "decoder.project_dim": QT_TRANSLATE_NOOP(
        "TrainingForm", "Features are brought to this width before attention; 0 leaves them as they are."
    ),
    "decoder.embed_dim": QT_TRANSLATE_NOOP("TrainingForm", "Numbers that stand for a word."),
    "decoder.decoder_dim": QT_TRANSLATE_NOOP(
        "TrainingForm", "Numbers in the model's memory; more of them learn more, and more slowly."
    ),
    "decoder.attention_dim": QT_TRANSLATE_NOOP("TrainingForm", "Numbers in which places are compared with the memory."),
    "decoder.cell": QT_TRANSLATE_NOOP(
        "TrainingForm", "How the memory works: LSTM keeps things longest, the plain RNN forgets soonest."
    ),
    "decoder.layers": QT_TRANSLATE_NOOP("TrainingForm", "Memories on top of each other."),
    "decoder.attention": QT_TRANSLATE_NOOP(
        "TrainingForm", "How the model looks at the photograph: softly everywhere, hard at one place, or not at all."
    ),
    "decoder.attend_to_words": QT_TRANSLATE_NOOP(
        "TrainingForm", "Where the model looks depends on the word before as well."
    ),
    "decoder.gate": QT_TRANSLATE_NOOP(
        "TrainingForm", "Lets the model turn the photograph down for words that need no looking, such as “of”."
    ),
    "decoder.deep_output": QT_TRANSLATE_NOOP(
        "TrainingForm", "Words are chosen from the photograph and the word before, too, and not from the memory alone."
    ),
    "decoder.tied_embeddings": QT_TRANSLATE_NOOP(
        "TrainingForm", "Reading and writing words share their numbers, which saves memory and helps rare words."
    ),
    "decoder.dropout": QT_TRANSLATE_NOOP(
        "TrainingForm", "Share of numbers that is left out at random, so that nothing is learned by heart."
    ),
    "hard_attention.reward_weight": QT_TRANSLATE_NOOP(
        "TrainingForm", "How much places that led to good words are favoured."
    ),
    "hard_attention.entropy_weight": QT_TRANSLATE_NOOP(
        "TrainingForm", "How much the model is kept from settling on one place too early."
    ),
    "hard_attention.baseline_decay": QT_TRANSLATE_NOOP(
        "TrainingForm", "How slowly what counts as a good word moves along."
    ),
    "self_critical.epochs": QT_TRANSLATE_NOOP(
        "TrainingForm",
        "Epochs in which whole captions of the model are scored and the better ones favoured; 0 leaves this out.",
    ),
    "self_critical.samples": QT_TRANSLATE_NOOP(
        "TrainingForm", "Captions that are drawn for each photograph; each more costs as much time again."
    ),
    "self_critical.baseline": QT_TRANSLATE_NOOP(
        "TrainingForm", "What a drawn caption must beat: the others drawn with it, or the model's most likely one."
    ),
    "self_critical.bleu_weight": QT_TRANSLATE_NOOP(
        "TrainingForm", "How much BLEU counts beside CIDEr; it keeps captions from growing short and odd."
    ),
    "self_critical.recall_weight": QT_TRANSLATE_NOOP(
        "TrainingForm", "How much it counts that no word people wrote is missing; it makes captions fuller."
    ),
    "self_critical.images_per_batch": QT_TRANSLATE_NOOP("TrainingForm", "Photographs that are learned from at once."),
    "self_critical.learning_rate": QT_TRANSLATE_NOOP(
        "TrainingForm", "How far the weights move in a step of the second stage at most."
    ),
    "self_critical.start_share": QT_TRANSLATE_NOOP(
        "TrainingForm", "How much of the weights from before the second stage is mixed in; half is often best."
    ),
    "decoding.method": QT_TRANSLATE_NOOP(
        "TrainingForm", "How dev captions are written: by a search for likely sentences, or by chance."
    ),
    "decoding.beam_size": QT_TRANSLATE_NOOP(
        "TrainingForm", "Sentences that the search keeps alive; more find likelier ones, more slowly."
    ),
    "decoding.length_penalty": QT_TRANSLATE_NOOP(
        "TrainingForm", "Larger values favour longer captions; 0 favours short ones."
    ),
    "decoding.min_length": QT_TRANSLATE_NOOP("TrainingForm", "No caption has fewer words than this."),
    "decoding.max_length": QT_TRANSLATE_NOOP("TrainingForm", "No caption has more words than this."),
    "decoding.temperature": QT_TRANSLATE_NOOP("TrainingForm", "Above 1 drawn words are bolder, below 1 more cautious."),
    "decoding.top_k": QT_TRANSLATE_NOOP("TrainingForm", "Words are drawn from the k likeliest only; 0 allows all."),
    "decoding.top_p": QT_TRANSLATE_NOOP(
        "TrainingForm", "Words are drawn from the likeliest ones that make up this share; 1 allows all."
    ),
    "decoding.seed": QT_TRANSLATE_NOOP("TrainingForm", "The same seed draws the same words again."),
    "decoding.no_repeat_ngram_size": QT_TRANSLATE_NOOP(
        "TrainingForm", "No run of so many words occurs twice in a caption; 0 allows that."
    ),
    "decoding.word_alternatives": QT_TRANSLATE_NOOP(
        "TrainingForm", "How many other words the model offers for each word it writes."
    ),
}

PRESETS: Mapping[str, str] = {
    "quick": QT_TRANSLATE_NOOP(
        "TrainingForm",
        "About a third of an hour for 6,000 photographs on two cores: six passes by word, two on whole captions.",
    ),
    "good": QT_TRANSLATE_NOOP(
        "TrainingForm",
        "About half an hour for 6,000 photographs on two cores: ten passes by word, five on whole captions.",
    ),
    "best": QT_TRANSLATE_NOOP(
        "TrainingForm",
        "About an hour for 6,000 photographs on two cores: more than twice as long on whole captions as Good.",
    ),
}
"""What the engine says of its presets, so that it is translated; a test holds the two together."""

CHOICES: Mapping[str, str] = {
    "word": QT_TRANSLATE_NOOP("TrainingForm", "Words"),
    "char": QT_TRANSLATE_NOOP("TrainingForm", "Letters"),
    "cider": QT_TRANSLATE_NOOP("TrainingForm", "CIDEr"),
    "bleu_4": QT_TRANSLATE_NOOP("TrainingForm", "BLEU-4"),
    "rouge_l": QT_TRANSLATE_NOOP("TrainingForm", "ROUGE-L"),
    "loss": QT_TRANSLATE_NOOP("TrainingForm", "Loss"),
    "auto": QT_TRANSLATE_NOOP("TrainingForm", "Automatic"),
    "cpu": QT_TRANSLATE_NOOP("TrainingForm", "Processor"),
    "cuda": QT_TRANSLATE_NOOP("TrainingForm", "NVIDIA GPU"),
    "mps": QT_TRANSLATE_NOOP("TrainingForm", "Apple GPU"),
    "float32": QT_TRANSLATE_NOOP("TrainingForm", "float32"),
    "bfloat16": QT_TRANSLATE_NOOP("TrainingForm", "bfloat16"),
    "float64": QT_TRANSLATE_NOOP("TrainingForm", "float64"),
    "adamw": QT_TRANSLATE_NOOP("TrainingForm", "AdamW"),
    "adam": QT_TRANSLATE_NOOP("TrainingForm", "Adam"),
    "sgd": QT_TRANSLATE_NOOP("TrainingForm", "SGD"),
    "cosine": QT_TRANSLATE_NOOP("TrainingForm", "Cosine"),
    "constant": QT_TRANSLATE_NOOP("TrainingForm", "Constant"),
    "step": QT_TRANSLATE_NOOP("TrainingForm", "Stairs"),
    "plateau": QT_TRANSLATE_NOOP("TrainingForm", "On a plateau"),
    "lstm": QT_TRANSLATE_NOOP("TrainingForm", "LSTM"),
    "gru": QT_TRANSLATE_NOOP("TrainingForm", "GRU"),
    "rnn": QT_TRANSLATE_NOOP("TrainingForm", "RNN"),
    "soft": QT_TRANSLATE_NOOP("TrainingForm", "Soft"),
    "hard": QT_TRANSLATE_NOOP("TrainingForm", "Hard"),
    "none_first": QT_TRANSLATE_NOOP("TrainingForm", "None, first step"),
    "none_every": QT_TRANSLATE_NOOP("TrainingForm", "None, every step"),
    "scalar": QT_TRANSLATE_NOOP("TrainingForm", "One number"),
    "vector": QT_TRANSLATE_NOOP("TrainingForm", "Per channel"),
    "none": QT_TRANSLATE_NOOP("TrainingForm", "None"),
    "leave_one_out": QT_TRANSLATE_NOOP("TrainingForm", "The others"),
    "greedy": QT_TRANSLATE_NOOP("TrainingForm", "Most likely"),
    "beam": QT_TRANSLATE_NOOP("TrainingForm", "Search"),
    "sample": QT_TRANSLATE_NOOP("TrainingForm", "Chance"),
}
"""Words for what can be chosen, by the engine's name for it."""
